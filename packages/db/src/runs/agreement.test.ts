import { describe, expect, it } from 'vitest';
import { agreementOf } from './agreement.js';

const [a, b] = ['a'.repeat(64), 'b'.repeat(64)];

describe('agreementOf', () => {
  it('waits for all ranks', () => {
    expect(agreementOf({ 0: a }, 2).verdict).toBe('waiting');
    expect(agreementOf({ 0: a, 1: a }, 2).verdict).toBe('agreed');
    expect(agreementOf({ 0: a }, 1).verdict).toBe('agreed');
  });

  it('is diverged at the first difference, of digests or of steps', () => {
    expect(agreementOf({ 0: a, 2: b }, 3).verdict).toBe('diverged');
    expect(agreementOf({ 0: a, 1: `${a}@7` }, 2)).toEqual({
      verdict: 'diverged',
      digests: [
        { rank: 0, digest: a },
        { rank: 1, digest: a },
      ],
    });
  });
});
