import { describe, expect, it } from 'vitest';
import { errorCodes, errorFamilies, errorFamily } from './codes.js';
import { isLockstepError, LockstepError } from './lockstep-error.js';

describe('error codes', () => {
  it('begin with a family that is known', () => {
    for (const code of Object.keys(errorCodes)) expect(errorFamilies).toContain(code.split('.')[0]);
    expect(errorFamily('data.corrupt')).toBe('data');
    expect(errorFamily('something.else')).toBe('internal');
    expect(errorFamily('')).toBe('internal');
  });
});

describe('LockstepError', () => {
  it('carries code, cause, node and step', () => {
    const cause = new Error('first');
    const error = new LockstepError('numerics.non-finite', 'The loss is not finite.', {
      cause,
      node: 'conv1',
      step: 7,
    });
    expect(error).toMatchObject({
      name: 'LockstepError',
      code: 'numerics.non-finite',
      cause,
      node: 'conv1',
      step: 7,
      problems: [],
    });
    expect(isLockstepError(error)).toBe(true);
  });

  it('is told apart from other errors, also those with a code', () => {
    expect(isLockstepError(Object.assign(new Error('x'), { code: 'ENOENT' }))).toBe(false);
    expect(isLockstepError({ name: 'LockstepError', code: 'data.corrupt' })).toBe(false);
    expect(isLockstepError(null)).toBe(false);
  });
});
