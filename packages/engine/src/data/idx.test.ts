import { isLockstepError } from '@lockstep/contracts';
import { describe, expect, test } from 'vitest';
import { philox } from '../random/philox.js';
import { idxSampleShape, idxToFloat32, idxToLabels, parseIdx, parseIdxHeader } from './idx.js';

function idx(type: number, dimensions: number[], data: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(4 + 4 * dimensions.length + data.length);
  const view = new DataView(bytes.buffer);
  bytes[2] = type;
  bytes[3] = dimensions.length;
  dimensions.forEach((dimension, axis) => {
    view.setUint32(4 + 4 * axis, dimension);
  });
  bytes.set(data, 4 + 4 * dimensions.length);
  return bytes;
}

function bigEndian(write: (view: DataView) => void, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  write(new DataView(bytes.buffer));
  return bytes;
}

describe('IDX', () => {
  test('reads a file of images', () => {
    const { header, data } = parseIdx(idx(8, [2, 2, 3], new Uint8Array(12).fill(9)), 'images');
    expect(header).toEqual({ type: 'uint8', dimensions: [2, 2, 3], headerBytes: 16, elementBytes: 1, dataBytes: 12 });
    expect(data.length).toBe(12);
    expect(idxSampleShape(header.dimensions, 'images')).toEqual([1, 2, 3]);
    expect(idxSampleShape([5, 3, 8, 8], 'images')).toEqual([3, 8, 8]);
    expect(idxSampleShape([5, 7], 'images')).toEqual([7]);
    expect(() => idxSampleShape([5], 'images')).toThrow('is this a file of labels?');
  });

  test('converts every numeric type, big-endian', () => {
    expect([...idxToFloat32('uint8', Uint8Array.of(0, 255))]).toEqual([0, 255]);
    expect([...idxToFloat32('int8', Uint8Array.of(127, 128, 255))]).toEqual([127, -128, -1]);
    const int16 = bigEndian((v) => v.setInt16(0, -300), 2);
    expect([...idxToFloat32('int16', int16)]).toEqual([-300]);
    const int32 = bigEndian((v) => v.setInt32(0, -70000), 4);
    expect([...idxToFloat32('int32', int32)]).toEqual([-70000]);
    const float32 = bigEndian((v) => v.setFloat32(0, 1.5), 4);
    expect([...idxToFloat32('float32', float32)]).toEqual([1.5]);
    const float64 = bigEndian((v) => v.setFloat64(0, 0.1), 8);
    expect([...idxToFloat32('float64', float64)]).toEqual([Math.fround(0.1)]);
  });

  test('reads labels of integer types, exactly', () => {
    const label = bigEndian((v) => v.setInt32(0, 2 ** 31 - 1), 4);
    const { header, data } = parseIdx(idx(12, [1], label), 'labels');
    expect([...idxToLabels(header, data, 'labels')]).toEqual([2 ** 31 - 1]);
    const bytes = parseIdx(idx(8, [3], Uint8Array.of(0, 9, 3)), 'labels');
    expect([...idxToLabels(bytes.header, bytes.data, 'labels')]).toEqual([0, 9, 3]);
    const images = parseIdx(idx(8, [1, 2, 2], new Uint8Array(4)), 'labels');
    expect(() => idxToLabels(images.header, images.data, 'labels')).toThrow('is this a file of images?');
  });

  test.each<[string, Uint8Array, string]>([
    ['nothing', new Uint8Array(0), 'at least 4 bytes, got 0'],
    ['another format', Uint8Array.of(0x89, 0x50, 0x4e, 0x47), 'got 89 50 4e 47'],
    ['an unknown type', idx(10, [1], new Uint8Array(1)), '00 00 0a 01'],
    ['no dimensions', Uint8Array.of(0, 0, 8, 0), '1 to 7 IDX dimensions, got 0'],
    ['too many dimensions', Uint8Array.of(0, 0, 8, 200), 'got 200'],
    ['a header that is cut short', Uint8Array.of(0, 0, 8, 3, 0, 0), 'header of 16 bytes for 3 dimensions, got 6'],
    ['an empty dimension', idx(8, [2, 0, 3], new Uint8Array(0)), 'at least 1, got [2, 0, 3]'],
    ['huge dimensions in a tiny file', idx(8, [4294967295, 65535, 65535], new Uint8Array(1)), '65535'],
    ['a size beyond any disk', idx(14, [4294967295, 16777216], new Uint8Array(1)), 'fits on a disk'],
    [
      'missing data',
      idx(8, [2, 2, 2], new Uint8Array(7)),
      'expected 24 bytes for uint8 [2, 2, 2], got 23; the file is cut short',
    ],
    ['data after the end', idx(8, [2, 2, 2], new Uint8Array(9)), 'has more than its header says'],
  ])('refuses %s', (_, bytes, message) => {
    expect(() => parseIdx(bytes, 'train-images')).toThrow(`train-images: expected`);
    expect(() => parseIdx(bytes, 'train-images')).toThrow(message);
  });

  test('100,000 mutated headers end in a header or in a data error, nothing else', () => {
    const file = idx(8, [2, 3, 4], new Uint8Array(24));
    const copy = new Uint8Array(file.length);
    let accepted = 0;
    for (let i = 0; i < 100_000; i++) {
      copy.set(file);
      const words = philox([3, 3], [i, 0, 0, 0]);
      copy[(words[0] as number) % 16] = (words[1] as number) & 255;
      if ((words[1] as number) % 2 === 0) copy[(words[2] as number) % 16] = (words[3] as number) & 15;
      try {
        const header = parseIdxHeader(copy.subarray(0, (words[3] as number) % 5 === 0 ? i % 17 : 40), 'fuzz');
        expect(Number.isSafeInteger(header.dataBytes) && header.dataBytes > 0).toBe(true);
        accepted++;
      } catch (error) {
        if (!isLockstepError(error) || error.code !== 'data.corrupt') throw error;
      }
    }
    expect(accepted).toBeGreaterThan(1000);
  }, 20_000);
});
