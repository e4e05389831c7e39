import { describe, expect, it } from 'vitest';
import { requireOwnOrigin } from './origin.js';

const own = 'http://127.0.0.1:3000';
const check = (method: string, headers: Record<string, string>): void =>
  requireOwnOrigin(new Request(own, { method, headers }), own);

describe('requests with cookies', () => {
  it('may change something from our own pages only', () => {
    expect(() => check('POST', { origin: own })).not.toThrow();
    expect(() => check('POST', { origin: own, 'sec-fetch-site': 'same-origin' })).not.toThrow();
  });

  it.each([
    {},
    { origin: 'null' },
    { origin: 'http://127.0.0.1:3001' },
    { origin: 'https://127.0.0.1:3000' },
    { origin: 'http://127.0.0.1:3000.evil.example' },
    { origin: own, 'sec-fetch-site': 'cross-site' },
  ])('are refused from elsewhere: %j', (headers) => {
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) {
      expect(() => check(method, headers as Record<string, string>)).toThrow(
        expect.objectContaining({ code: 'auth.origin' }),
      );
    }
  });

  it('may read from anywhere', () => {
    expect(() => check('GET', {})).not.toThrow();
  });
});
