import { describe, expect, it } from 'vitest';
import { type Bucket, mergeInto, thinOut } from './buckets.js';
import { bucketPoints, levelFor, OpenTiers } from './tiers.js';

/** Values that look like noise, the same every time. */
function noise(index: number): number {
  return Math.sin(index * 12.9898) * 43758.5453 - Math.floor(Math.sin(index * 12.9898) * 43758.5453);
}

/** Full buckets of each level after points came in batches of these sizes. */
function build(count: number, batch: (index: number) => number) {
  const full = new Map<number, Bucket[]>();
  let tiers = OpenTiers.empty();
  for (let from = 0, index = 0; from < count; index++) {
    const size = Math.min(batch(index), count - from);
    const steps = Array.from({ length: size }, (_, offset) => (from + offset) * 10);
    const values = steps.map((step) => (step === 5000 ? Number.NaN : noise(step)));
    for (const { level, ordinal, buckets } of tiers.add({ steps, values }, from)) {
      const list = full.get(level) ?? [];
      expect(ordinal).toBe(list.length);
      list.push(...buckets);
      full.set(level, list);
    }
    tiers = OpenTiers.decode(tiers.encode());
    from += size;
  }
  return { full, tiers };
}

describe('tiers', () => {
  it('are the same however the points were cut into batches', () => {
    const single = build(5000, () => 1);
    const large = build(5000, (index) => 1 + ((index * 37) % 700));
    expect(large.full).toEqual(single.full);
    expect(large.tiers).toEqual(single.tiers);
  });

  it.each([1, 2, 3, 4])('contain every point once and every extreme at level %i', (level) => {
    const { full, tiers } = build(5000, () => 333);
    const buckets = [...(full.get(level) ?? [])];
    for (const bucket of buckets) expect(bucket.count).toBe(bucketPoints(level));
    const rest = tiers.remainder(level);
    if (rest !== null) buckets.push(rest);
    const whole = { ...(buckets[0] as Bucket) };
    for (const bucket of buckets.slice(1)) mergeInto(whole, bucket);
    const values = Array.from({ length: 5000 }, (_, index) => index * 10)
      .filter((step) => step !== 5000)
      .map(noise);
    expect(whole).toMatchObject({
      firstStep: 0,
      lastStep: 49_990,
      count: 5000,
      nonFinite: 1,
      min: Math.min(...values),
      max: Math.max(...values),
      last: noise(49_990),
    });
    expect(whole.sum).toBeCloseTo(
      values.reduce((sum, value) => sum + value, 0),
      6,
    );
  });

  it('are chosen by the number of points', () => {
    expect(levelFor(32_000, 4000)).toBe(1);
    expect(levelFor(1_000_000, 4000)).toBe(3);
    expect(levelFor(1e12, 4000)).toBe(9);
  });

  it('are thinned out evenly', () => {
    const { full } = build(1600, () => 1600);
    const thinned = thinOut(full.get(1) ?? [], 30);
    expect(thinned).toHaveLength(25);
    expect(thinned[0]?.count).toBe(64);
  });
});
