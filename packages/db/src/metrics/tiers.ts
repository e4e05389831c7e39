import { type Bucket, bucketOf, decodeBuckets, encodeBuckets, mergeInto } from './buckets.js';
import type { Points } from './points.js';

/** Points of a bucket of level 1. */
const basePoints = 16;
/** Buckets that make one of the next level. */
const fanOut = 4;
/** The coarsest level has a million points a bucket. */
const levels = 9;

/** `bucketPoints(1) // 16` */
export function bucketPoints(level: number): number {
  return basePoints * fanOut ** (level - 1);
}

/** The finest level that tells `points` points in at most `most` buckets; the coarsest if none does. */
export function levelFor(points: number, most: number): number {
  for (let level = 1; level < levels; level++) if (points / bucketPoints(level) <= most) return level;
  return levels;
}

/** Buckets that became full. */
export interface ClosedBuckets {
  readonly level: number;
  /** How many of this level were full before them. */
  readonly ordinal: number;
  readonly buckets: readonly Bucket[];
}

/**
 * What is not yet in a full bucket, by level: the open bucket of level 1 holds points, that of a higher level the full
 * buckets below it since it was opened. So a series that is short has few of them.
 */
export class OpenTiers {
  private constructor(private readonly open: (Bucket | null)[]) {}

  static empty(): OpenTiers {
    return new OpenTiers(new Array<Bucket | null>(levels).fill(null));
  }

  static decode(bytes: Uint8Array): OpenTiers {
    const tiers = OpenTiers.empty();
    const present = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint16(0, true);
    const buckets = decodeBuckets(bytes.subarray(2));
    let next = 0;
    for (let index = 0; index < levels; index++)
      if (present & (1 << index)) tiers.open[index] = buckets[next++] ?? null;
    return tiers;
  }

  encode(): Buffer {
    let present = 0;
    for (const [index, bucket] of this.open.entries()) if (bucket !== null) present |= 1 << index;
    const head = Buffer.alloc(2);
    head.writeUInt16LE(present);
    return Buffer.concat([head, encodeBuckets(this.open.filter((bucket) => bucket !== null))]);
  }

  /** Adds points after the `before` points that the series has. */
  add({ steps, values }: Points, before: number): ClosedBuckets[] {
    const closed: Bucket[][] = Array.from({ length: levels }, () => []);
    for (let index = 0; index < steps.length; index++) {
      let bucket = bucketOf(steps[index] ?? 0, values[index] ?? Number.NaN);
      for (let level = 1; level <= levels; level++) {
        const open = this.open[level - 1] ?? null;
        if (open === null) this.open[level - 1] = bucket;
        else mergeInto(open, bucket);
        const full = this.open[level - 1];
        if (full === null || full === undefined || full.count < bucketPoints(level)) break;
        closed[level - 1]?.push(full);
        this.open[level - 1] = null;
        bucket = { ...full };
      }
    }
    return closed.flatMap((buckets, index) =>
      buckets.length === 0
        ? []
        : [{ level: index + 1, ordinal: Math.floor(before / bucketPoints(index + 1)), buckets }],
    );
  }

  /** What the full buckets of a level do not contain, as one bucket; null if they contain all. */
  remainder(level: number): Bucket | null {
    let rest: Bucket | null = null;
    // The higher level holds the older points.
    for (let each = level; each >= 1; each--) {
      const bucket = this.open[each - 1] ?? null;
      if (bucket === null) continue;
      if (rest === null) rest = { ...bucket };
      else mergeInto(rest, bucket);
    }
    return rest;
  }
}
