/** What a page was asked for by, with its query: to come back to it after signing in. Set by the proxy, whatever a client sends. */
export const askedPathHeader = 'x-lockstep-asked-path';
