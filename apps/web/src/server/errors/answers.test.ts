import { type ErrorCode, errorCodes, LockstepError } from '@lockstep/contracts';
import { describe, expect, it } from 'vitest';
import { answerOf } from './answers.js';

const statusOf = (code: ErrorCode): number => answerOf(new LockstepError(code, 'x'), 'r').status;

describe('errors over HTTP', () => {
  it('give every code a status that says who has to act', () => {
    for (const code of Object.keys(errorCodes) as ErrorCode[]) {
      const status = statusOf(code);
      const isOurs = code.startsWith('internal.') || code.startsWith('infrastructure.');
      if (code !== 'infrastructure.stale-generation') expect([code, status >= 500]).toEqual([code, isOurs]);
      expect(status).toBeGreaterThanOrEqual(400);
    }
  });

  it('keep the statuses that clients decide by', () => {
    expect(statusOf('auth.unauthenticated')).toBe(401);
    expect(statusOf('auth.forbidden')).toBe(403);
    expect(statusOf('auth.not-found')).toBe(404);
    expect(statusOf('auth.rate-limited')).toBe(429);
    expect(statusOf('bad-input.syntax')).toBe(400);
    expect(statusOf('bad-input.field')).toBe(422);
    expect(statusOf('bad-input.too-large')).toBe(413);
    expect(statusOf('infrastructure.database')).toBe(503);
    expect(statusOf('infrastructure.disk-full')).toBe(507);
  });

  it('tell the problems of a document with their lines', () => {
    const problems = [{ path: 'a.b', message: 'expected text', line: 3, column: 1 }];
    const { body } = answerOf(new LockstepError('bad-input.field', 'x', { problems }), 'r1');
    expect(body).toEqual({
      type: 'urn:lockstep:error:bad-input.field',
      title: errorCodes['bad-input.field'],
      status: 422,
      detail: 'x',
      code: 'bad-input.field',
      requestId: 'r1',
      problems,
    });
  });

  it('tell nothing of what was not expected', () => {
    for (const error of [
      new Error('select * from secrets'),
      'text',
      null,
      new LockstepError('internal.frame', 'secrets'),
    ]) {
      const { status, body, trpcCode } = answerOf(error, 'r2');
      expect([status, trpcCode]).toEqual([500, 'INTERNAL_SERVER_ERROR']);
      expect(JSON.stringify(body)).not.toContain('secrets');
      expect(body.detail).toContain('r2');
    }
  });
});
