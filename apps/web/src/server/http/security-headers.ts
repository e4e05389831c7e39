/** On every answer that is not a page; pages get a policy with a nonce (proxy.ts). */
export const apiHeaders: Readonly<Record<string, string>> = {
  // Nothing on the way may hold it back: some are streams, and some hold secrets beside what somebody else may choose.
  'Cache-Control': 'no-store, no-transform',
  'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'X-Frame-Options': 'DENY',
};
