import { randomUUID } from 'node:crypto';

/** What is known of a request before anybody is asked who sent it. */
export interface RequestFacts {
  readonly requestId: string;
  /** Of the peer, or of the client that a trusted proxy names. */
  readonly address: string | null;
}

/** bin/server.mjs sets these two headers and drops what a client sends under their names. */
export function requestFacts(headers: Headers): RequestFacts {
  return {
    requestId: headers.get('x-lockstep-request-id') ?? randomUUID(),
    address: headers.get('x-lockstep-address'),
  };
}
