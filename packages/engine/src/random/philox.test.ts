import { describe, expect, test } from 'vitest';
import { type PhiloxCounter, type PhiloxKey, philox } from './philox.js';

/** The philox4x32-10 lines of tests/kat_vectors in the Random123 distribution. */
const knownAnswers: readonly { counter: PhiloxCounter; key: PhiloxKey; words: readonly number[] }[] = [
  { counter: [0, 0, 0, 0], key: [0, 0], words: [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8] },
  {
    counter: [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff],
    key: [0xffffffff, 0xffffffff],
    words: [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd],
  },
  {
    counter: [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
    key: [0xa4093822, 0x299f31d0],
    words: [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1],
  },
];

/** The same ten rounds with exact 64-bit integers, to check the 16-bit arithmetic of the fast version. */
function philoxOverBigInt(key: PhiloxKey, counter: PhiloxCounter): number[] {
  const mask = 0xffffffffn;
  let [c0, c1, c2, c3] = counter.map(BigInt) as [bigint, bigint, bigint, bigint];
  let [k0, k1] = key.map(BigInt) as [bigint, bigint];
  for (let round = 0; round < 10; round++) {
    const product0 = 0xd2511f53n * c0;
    const product1 = 0xcd9e8d57n * c2;
    [c0, c1, c2, c3] = [(product1 >> 32n) ^ c1 ^ k0, product1 & mask, (product0 >> 32n) ^ c3 ^ k1, product0 & mask];
    k0 = (k0 + 0x9e3779b9n) & mask;
    k1 = (k1 + 0xbb67ae85n) & mask;
  }
  return [c0, c1, c2, c3].map(Number);
}

describe('philox', () => {
  test.each(knownAnswers)('gives the published known answer for counter $counter', ({ key, counter, words }) => {
    expect([...philox(key, counter)]).toEqual(words);
  });

  test('agrees with exact 64-bit arithmetic on words that stress the carries', () => {
    const edges = [0, 1, 0xffff, 0x10000, 0x7fffffff, 0x80000000, 0xffff0000, 0xffffffff];
    for (const a of edges) {
      for (const b of edges) {
        const key: PhiloxKey = [b, a];
        const counter: PhiloxCounter = [a, b, (a ^ b) >>> 0, (a + b) >>> 0];
        expect([...philox(key, counter)]).toEqual(philoxOverBigInt(key, counter));
      }
    }
  });

  test('takes words modulo 2^32', () => {
    expect([...philox([-1, -1], [-1, -1, -1, 2 ** 32 - 1])]).toEqual(knownAnswers[1]?.words);
  });
});
