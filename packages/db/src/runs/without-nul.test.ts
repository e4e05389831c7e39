import { describe, expect, it } from 'vitest';
import { withoutNul } from './without-nul.js';

describe('withoutNul', () => {
  it.each([
    ['plain text', 'plain text'],
    ['a\u0000b', 'a\ufffdb'],
    ['a\\u0000b', 'a\\u0000b'],
    ['a\\\u0000b', 'a\\\ufffdb'],
    ['half \ud800 of a pair', 'half \ufffd of a pair'],
    ['pair 😀', 'pair 😀'],
  ])('turns %j into %j', (text, expected) => {
    expect(JSON.parse(withoutNul(JSON.stringify({ text })))).toEqual({ text: expected });
  });
});
