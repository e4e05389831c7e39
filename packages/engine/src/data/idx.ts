/**
 * IDX, the format of MNIST (http://yann.lecun.com/exdb/mnist/): two zero bytes, a type byte, the number of dimensions,
 * each dimension as a big-endian uint32, then the elements, row-major and big-endian.
 */
import { limits } from '@lockstep/contracts';
import { corruptData } from './corrupt-data.js';

export type IdxType = 'uint8' | 'int8' | 'int16' | 'int32' | 'float32' | 'float64';

export interface IdxHeader {
  type: IdxType;
  /** [count, ...shape]; every dimension at least 1. */
  dimensions: number[];
  headerBytes: number;
  elementBytes: number;
  /** Of all elements; headerBytes + dataBytes is the size of the (uncompressed) file. */
  dataBytes: number;
}

/** Enough for the header of any file that is accepted. */
export const MAX_IDX_HEADER_BYTES = 4 + 4 * (limits.maxRank + 1);

const TYPES: Readonly<Record<number, { type: IdxType; bytes: number }>> = {
  8: { type: 'uint8', bytes: 1 },
  9: { type: 'int8', bytes: 1 },
  11: { type: 'int16', bytes: 2 },
  12: { type: 'int32', bytes: 4 },
  13: { type: 'float32', bytes: 4 },
  14: { type: 'float64', bytes: 8 },
};

/**
 * Header of an IDX file from its first bytes (uncompressed). Sizes in it are not proof that the data is there: compare
 * with what the file holds before anything is allocated. Throws LockstepError `data.corrupt`; `source` names the file.
 */
export function parseIdxHeader(bytes: Uint8Array, source: string): IdxHeader {
  const { type, elementBytes, rank } = parseMagic(bytes, source);
  const headerBytes = 4 + 4 * rank;
  if (bytes.length < headerBytes) {
    throw corruptData(
      `${source}: expected an IDX header of ${headerBytes} bytes for ${rank} dimensions, got ${bytes.length} bytes; ` +
        'the file is cut short: copy it again',
    );
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, headerBytes);
  const dimensions = Array.from({ length: rank }, (_, axis) => view.getUint32(4 + 4 * axis));
  checkDimensions(dimensions, source);
  const dataBytes = dimensions.reduce((product, dimension) => product * dimension, elementBytes);
  if (!Number.isSafeInteger(dataBytes)) {
    throw corruptData(`${source}: expected an IDX file that fits on a disk, got dimensions [${dimensions.join(', ')}]`);
  }
  return { type, dimensions, headerBytes, elementBytes, dataBytes };
}

function parseMagic(bytes: Uint8Array, source: string): { type: IdxType; elementBytes: number; rank: number } {
  const [zero0, zero1, typeByte, rank] = bytes;
  if (zero0 === undefined || zero1 === undefined || typeByte === undefined || rank === undefined) {
    throw corruptData(`${source}: expected an IDX file, which has at least 4 bytes, got ${bytes.length}`);
  }
  const element = TYPES[typeByte];
  if (zero0 !== 0 || zero1 !== 0 || element === undefined) {
    const magic = [...bytes.subarray(0, 4)].map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
    throw corruptData(
      `${source}: expected an IDX file (bytes 00 00, then a type of 08, 09, 0b, 0c, 0d or 0e), got ${magic}; ` +
        'check that this is the right file',
    );
  }
  if (rank < 1 || rank > limits.maxRank + 1) {
    throw corruptData(`${source}: expected 1 to ${limits.maxRank + 1} IDX dimensions, got ${rank}`);
  }
  return { type: element.type, elementBytes: element.bytes, rank };
}

function checkDimensions(dimensions: readonly number[], source: string): void {
  const [count, ...shape] = dimensions;
  const elements = shape.reduce((product, dimension) => product * dimension, 1);
  const zero = dimensions.includes(0);
  const large = shape.some((dimension) => dimension > limits.maxDimension) || elements > limits.maxElements;
  if (count === undefined || zero || large) {
    const what = zero
      ? 'every dimension to be at least 1'
      : `dimensions of at most ${limits.maxDimension} and at most ${limits.maxElements} elements a sample`;
    throw corruptData(`${source}: expected ${what}, got [${dimensions.join(', ')}]`);
  }
}

/**
 * Shape of one sample in the product's convention: [N,H,W] -> [1,H,W] (one channel), [N,C,H,W] -> [C,H,W],
 * [N,F] -> [F] (a plain vector).
 */
export function idxSampleShape(dimensions: readonly number[], source: string): number[] {
  const [, ...shape] = dimensions;
  if (shape.length < 1 || shape.length > 3) {
    throw corruptData(
      `${source}: expected samples as [N,H,W], [N,C,H,W] or [N,F], got ${dimensions.length} dimensions ` +
        `[${dimensions.join(', ')}]${dimensions.length === 1 ? '; is this a file of labels?' : ''}`,
    );
  }
  return shape.length === 2 ? [1, ...shape] : shape;
}

/**
 * Big-endian IDX elements as float32 (float64 and int32 are rounded to the nearest). `bytes` holds whole elements.
 */
export function idxToFloat32(type: IdxType, bytes: Uint8Array): Float32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  switch (type) {
    case 'uint8':
      return Float32Array.from(bytes);
    case 'int8':
      return Float32Array.from(bytes, (byte) => (byte << 24) >> 24);
    case 'int16':
      return Float32Array.from({ length: bytes.length / 2 }, (_, i) => view.getInt16(2 * i));
    case 'int32':
      return Float32Array.from({ length: bytes.length / 4 }, (_, i) => view.getInt32(4 * i));
    case 'float32':
      return Float32Array.from({ length: bytes.length / 4 }, (_, i) => view.getFloat32(4 * i));
    case 'float64':
      return Float32Array.from({ length: bytes.length / 8 }, (_, i) => view.getFloat64(8 * i));
  }
}

/** Labels of an IDX file with one dimension and an integer type as int32; their range is the caller's to check. */
export function idxToLabels(header: IdxHeader, bytes: Uint8Array, source: string): Int32Array {
  if (header.dimensions.length !== 1 || header.type === 'float32' || header.type === 'float64') {
    throw corruptData(
      `${source}: expected labels as one dimension of integers, got ${header.type} ` +
        `[${header.dimensions.join(', ')}]; is this a file of images?`,
    );
  }
  if (header.type !== 'int32') return Int32Array.from(idxToFloat32(header.type, bytes)); // exact below 2^24
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Int32Array.from({ length: bytes.length / 4 }, (_, i) => view.getInt32(4 * i));
}

/** A whole IDX file in memory (uncompressed). Throws LockstepError `data.corrupt` when the length does not fit. */
export function parseIdx(bytes: Uint8Array, source: string): { header: IdxHeader; data: Uint8Array } {
  const header = parseIdxHeader(bytes, source);
  const expected = header.headerBytes + header.dataBytes;
  if (bytes.length !== expected) {
    throw corruptData(idxLengthMessage(header, bytes.length, source));
  }
  return { header, data: bytes.subarray(header.headerBytes) };
}

/** What to say when a file (uncompressed) of `fileBytes` bytes is not as long as its header says. */
export function idxLengthMessage(header: IdxHeader, fileBytes: number, source: string): string {
  const expected = header.headerBytes + header.dataBytes;
  return (
    `${source}: expected ${expected} bytes for ${header.type} [${header.dimensions.join(', ')}], got ${fileBytes}; ` +
    `the file ${fileBytes < expected ? 'is cut short' : 'has more than its header says'}: copy it again`
  );
}
