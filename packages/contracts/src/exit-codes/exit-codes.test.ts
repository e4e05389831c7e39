import { describe, expect, it } from 'vitest';
import { exitCodeOf, exitCodes, rankExitCodes } from './exit-codes.js';

describe('exit codes', () => {
  it.each([
    ['bad-input.field', exitCodes.badInput],
    ['data.corrupt', exitCodes.badInput],
    ['data.unreachable', exitCodes.infrastructure],
    ['numerics.non-finite', exitCodes.failed],
    ['infrastructure.peer-lost', exitCodes.infrastructure],
    ['auth.forbidden', exitCodes.unauthorised],
    ['auth.rate-limited', exitCodes.infrastructure],
    ['cancelled.user', exitCodes.cancelled],
    ['internal.frame', exitCodes.internal],
    ['of.no.family', exitCodes.internal],
  ])('of %s is %i', (code, exitCode) => expect(exitCodeOf(code)).toBe(exitCode));

  it('of a rank are distinct and none that Node or a shell uses', () => {
    const values = Object.values(rankExitCodes).filter((code) => code !== 0);
    expect(new Set(values).size).toBe(values.length);
    for (const code of values) expect(code > 64 && code < 126).toBe(true);
  });
});
