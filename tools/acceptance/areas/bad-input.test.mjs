import { describe, expect, it } from 'vitest';
import { problemsOf } from './bad-input.mjs';

const wanted = { code: 2, says: [/lanes/] };
const end = (stderr, code = 2, left = []) => ({ code, stderr, stdout: '', left });

describe('what a user reads', () => {
  it('is right when code and words are', () => {
    expect(problemsOf(end('error: spec.yaml:6:1: lanes: expected a power of two, got 3.'), wanted)).toEqual([]);
  });

  it.each([
    ['another exit code', end('error: lanes', 5), /exit code 5 instead of 2/],
    ['other words', end('error: no'), /does not say/],
    ['a stack', end('error: lanes\n    at resolve (file:///a/b.js:12:5)'), /shows at resolve/],
    ['a defect', end('internal error: lanes'), /shows internal error/],
    ['a value that is none', end('error: lanes: expected 2, got undefined'), /shows undefined/],
    ['an order to the terminal', end('error: lanes \u001b[31m'), /shows/],
    ['processes that are left', end('error: lanes', 2, [17]), /leaves processes: 17/],
  ])('is not right with %s', (_title, command, problem) => {
    expect(problemsOf(command, wanted)).toEqual([expect.stringMatching(problem)]);
  });
});
