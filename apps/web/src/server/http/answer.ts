import { answerOf } from '../errors/answers.js';
import { describeError, log } from '../log.js';
import { apiHeaders } from './security-headers.js';

/** Bytes of a streamed body; bin/server.mjs makes it Content-Length, which Next would take away. */
export const lengthHeader = 'X-Lockstep-Bytes';

export type ExtraHeaders = Readonly<Record<string, string>>;

export function jsonAnswer(status: number, body: unknown, requestId: string, extra: ExtraHeaders = {}): Response {
  const headers = new Headers({ ...apiHeaders, ...extra, 'X-Request-Id': requestId });
  if (status === 204 || body === undefined) return new Response(null, { status, headers });
  headers.set('Content-Type', 'application/json');
  return new Response(JSON.stringify(body), { status, headers });
}

/** Bytes of another type. */
export function bytesAnswer(
  body: ReadableStream<Uint8Array> | null,
  requestId: string,
  extra: ExtraHeaders,
  status = 200,
): Response {
  return new Response(body, { status, headers: { ...apiHeaders, ...extra, 'X-Request-Id': requestId } });
}

export function problemAnswer(error: unknown, requestId: string, extra: ExtraHeaders = {}): Response {
  const { status, body, isOurs } = answerOf(error, requestId);
  if (isOurs) log('error', 'request failed', { requestId, code: body.code, error: describeError(error) });
  const headers = new Headers({
    ...apiHeaders,
    ...extra,
    'Content-Type': 'application/problem+json',
    'X-Request-Id': requestId,
  });
  if (status === 401) headers.set('WWW-Authenticate', 'Bearer');
  // What is left of a body that was refused is not read.
  if (status === 413 || status === 507) headers.set('Connection', 'close');
  return new Response(JSON.stringify(body), { status, headers });
}
