/**
 * A shard file is what trainers map into memory:
 *
 *   8 bytes   length of the JSON header, little-endian
 *   JSON      ShardHeader, UTF-8
 *   padding   zeros up to a multiple of 64
 *   samples   count x shape elements, row-major, little-endian
 *   padding   zeros up to a multiple of 64
 *   labels    count int32, little-endian; the file ends here
 */
export const SHARD_FORMAT = 'lockstep-shard/1';
const SHARD_ALIGNMENT = 64;
export const MAX_SHARD_HEADER_BYTES = 65_536;

export type SampleDtype = 'uint8' | 'float32';

export interface ShardSection {
  /** From the start of the file. */
  offset: number;
  bytes: number;
  /** Of the section, lower-case hex. */
  sha256: string;
}

export interface ShardHeader {
  format: typeof SHARD_FORMAT;
  count: number;
  /** Of one sample, without the batch axis. */
  shape: number[];
  dtype: SampleDtype;
  /** Labels lie in [0, classes). */
  classes: number;
  samples: ShardSection;
  labels: ShardSection & { dtype: 'int32' };
}

/** A shard on disk, its header already checked against the file's size. */
export interface ShardFile {
  path: string;
  header: ShardHeader;
}

export interface ShardContent {
  count: number;
  shape: readonly number[];
  dtype: SampleDtype;
  classes: number;
  samplesSha256: string;
  labelsSha256: string;
}

export function sampleElements(shape: readonly number[]): number {
  return shape.reduce((product, dimension) => product * dimension, 1);
}

export function dtypeBytes(dtype: SampleDtype): number {
  return dtype === 'uint8' ? 1 : 4;
}

export function aligned(offset: number): number {
  return Math.ceil(offset / SHARD_ALIGNMENT) * SHARD_ALIGNMENT;
}

/**
 * The first bytes of a shard file, padding included: samples start right after them. The length depends on count,
 * shape, dtype and classes only (hashes have a fixed length), so a writer can reserve it before it knows the hashes.
 */
export function encodeShardHeader(content: ShardContent): { header: ShardHeader; bytes: Uint8Array } {
  let samplesOffset = SHARD_ALIGNMENT;
  for (;;) {
    const header = headerAt(content, samplesOffset);
    const json = new TextEncoder().encode(JSON.stringify(header));
    const end = aligned(8 + json.length);
    if (end === samplesOffset) {
      const bytes = new Uint8Array(end);
      new DataView(bytes.buffer).setBigUint64(0, BigInt(json.length), true);
      bytes.set(json, 8);
      return { header, bytes };
    }
    samplesOffset = end; // a larger offset may need more digits: repeat until it holds
  }
}

function headerAt(content: ShardContent, samplesOffset: number): ShardHeader {
  const { count, shape, dtype, classes, samplesSha256, labelsSha256 } = content;
  const samplesBytes = count * sampleElements(shape) * dtypeBytes(dtype);
  return {
    format: SHARD_FORMAT,
    count,
    shape: [...shape],
    dtype,
    classes,
    samples: { offset: samplesOffset, bytes: samplesBytes, sha256: samplesSha256 },
    labels: { offset: aligned(samplesOffset + samplesBytes), bytes: count * 4, dtype: 'int32', sha256: labelsSha256 },
  };
}
