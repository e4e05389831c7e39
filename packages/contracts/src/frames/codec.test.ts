import { describe, expect, it } from 'vitest';
import { limits } from '../limits/limits.js';
import { encodeFrame, FrameDecoder } from './codec.js';

describe('frames', () => {
  const frames = [{ type: 'hello', text: 'Zürich ☃\nnew line' }, {}, { type: 'x', list: [1, 2.5, null] }];

  it('survive any cut of the stream', () => {
    const stream = Buffer.concat(frames.map(encodeFrame));
    for (let chunkBytes = 1; chunkBytes <= stream.length; chunkBytes++) {
      const decoder = new FrameDecoder();
      const seen: unknown[] = [];
      for (let at = 0; at < stream.length; at += chunkBytes) {
        seen.push(...decoder.push(stream.subarray(at, at + chunkBytes)));
      }
      expect(seen).toEqual(frames);
    }
  });

  it('take one line each', () => {
    expect(new TextDecoder().decode(encodeFrame({ text: 'a\nb' }).subarray(4))).not.toContain('\n');
  });

  it('refuse a length beyond the limit before the bytes arrive', () => {
    const prefix = new Uint8Array(4);
    new DataView(prefix.buffer).setUint32(0, limits.frameBytes + 1, true);
    expect(() => new FrameDecoder().push(prefix)).toThrow(/announces/);
  });

  it('refuse bytes that are not JSON or not UTF-8', () => {
    expect(() => new FrameDecoder().push(new Uint8Array([1, 0, 0, 0, 0x7b]))).toThrow(/must be JSON/);
    expect(() => new FrameDecoder().push(new Uint8Array([2, 0, 0, 0, 0x22, 0xff]))).toThrow(/must be JSON/);
  });
});
