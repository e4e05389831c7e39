/** What is kept of several points. */
export interface Bucket {
  firstStep: number;
  lastStep: number;
  count: number;
  /** NaN and infinities; they are in no other number here but `last`. */
  nonFinite: number;
  /** Infinity and -Infinity where no value is finite. */
  min: number;
  max: number;
  sum: number;
  last: number;
}

/** Steps and counts of 32 bits, four numbers of 64. */
const bucketBytes = 48;

/** Steps of a metric fit into 32 bits. */
export const largestStep = 2 ** 32 - 1;

export function bucketOf(step: number, value: number): Bucket {
  const finite = Number.isFinite(value);
  return {
    firstStep: step,
    lastStep: step,
    count: 1,
    nonFinite: finite ? 0 : 1,
    min: finite ? value : Number.POSITIVE_INFINITY,
    max: finite ? value : Number.NEGATIVE_INFINITY,
    sum: finite ? value : 0,
    last: value,
  };
}

/** Adds the points of `next`, which come after those of `bucket`, to `bucket`. */
export function mergeInto(bucket: Bucket, next: Bucket): void {
  bucket.firstStep = Math.min(bucket.firstStep, next.firstStep);
  bucket.lastStep = Math.max(bucket.lastStep, next.lastStep);
  bucket.count += next.count;
  bucket.nonFinite += next.nonFinite;
  if (next.min < bucket.min) bucket.min = next.min;
  if (next.max > bucket.max) bucket.max = next.max;
  bucket.sum += next.sum;
  bucket.last = next.last;
}

export function encodeBuckets(buckets: readonly Bucket[]): Buffer {
  const bytes = Buffer.alloc(buckets.length * bucketBytes);
  for (const [index, bucket] of buckets.entries()) {
    const at = index * bucketBytes;
    bytes.writeUInt32LE(bucket.firstStep, at);
    bytes.writeUInt32LE(bucket.lastStep, at + 4);
    bytes.writeUInt32LE(bucket.count, at + 8);
    bytes.writeUInt32LE(bucket.nonFinite, at + 12);
    bytes.writeDoubleLE(bucket.min, at + 16);
    bytes.writeDoubleLE(bucket.max, at + 24);
    bytes.writeDoubleLE(bucket.sum, at + 32);
    bytes.writeDoubleLE(bucket.last, at + 40);
  }
  return bytes;
}

export function decodeBuckets(bytes: Uint8Array): Bucket[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: bytes.byteLength / bucketBytes }, (_, index) => {
    const at = index * bucketBytes;
    return {
      firstStep: view.getUint32(at, true),
      lastStep: view.getUint32(at + 4, true),
      count: view.getUint32(at + 8, true),
      nonFinite: view.getUint32(at + 12, true),
      min: view.getFloat64(at + 16, true),
      max: view.getFloat64(at + 24, true),
      sum: view.getFloat64(at + 32, true),
      last: view.getFloat64(at + 40, true),
    };
  });
}

/** At most `most` buckets, each of equally many neighbours. */
export function thinOut(buckets: readonly Bucket[], most: number): Bucket[] {
  const together = Math.ceil(buckets.length / most);
  if (together <= 1) return [...buckets];
  const thinned: Bucket[] = [];
  for (const [index, bucket] of buckets.entries()) {
    const last = thinned.at(-1);
    if (index % together === 0 || last === undefined) thinned.push({ ...bucket });
    else mergeInto(last, bucket);
  }
  return thinned;
}
