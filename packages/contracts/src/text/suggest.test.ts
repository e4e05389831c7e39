import { describe, expect, it } from 'vitest';
import { suggest } from './suggest.js';

describe('suggest', () => {
  const candidates = ['learningRate', 'momentum', 'weightDecay', 'batchSize'];
  it.each([
    ['learningrate', 'learningRate'],
    ['batch_size', 'batchSize'],
    ['batch-size', 'batchSize'],
    ['momemtum', 'momentum'],
    ['wieghtDecay', 'weightDecay'],
  ])('takes %s for %s', (word, expected) => expect(suggest(word, candidates)).toBe(expected));

  it.each([['colour'], [''], ['x'.repeat(10_000)], ['☃']])('takes %s for nothing', (word) =>
    expect(suggest(word, candidates)).toBeNull(),
  );
});
