import { isLockstepError } from '@lockstep/contracts';
import { describe, expect, test } from 'vitest';
import { philox } from '../random/philox.js';
import { parseShardHeader } from './parse-shard-header.js';
import { encodeShard, parseShard } from './shard.js';
import { encodeShardHeader } from './shard-header.js';

function bytesShard(): Uint8Array {
  const samples = Uint8Array.from({ length: 5 * 12 }, (_, i) => i * 4);
  return encodeShard({ shape: [1, 3, 4], classes: 3, samples, labels: Int32Array.of(0, 1, 2, 1, 0) });
}

/** The same file with its JSON header changed; the padding before the samples leaves room for longer text. */
function withHeader(change: (header: Record<string, unknown>) => void): Uint8Array {
  const file = bytesShard();
  const view = new DataView(file.buffer);
  const length = Number(view.getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(file.subarray(8, 8 + length))) as Record<string, unknown>;
  change(header);
  const json = new TextEncoder().encode(JSON.stringify(header));
  view.setBigUint64(0, BigInt(json.length), true);
  file.set(json, 8);
  return file;
}

describe('shard file', () => {
  test('gives back what was encoded, aligned to 64 bytes', () => {
    const { header, samples, labels } = parseShard(bytesShard(), 'a.shard');
    expect(header).toMatchObject({ count: 5, shape: [1, 3, 4], dtype: 'uint8', classes: 3 });
    expect(header.samples.offset % 64).toBe(0);
    expect(header.labels.offset % 64).toBe(0);
    expect(samples[59]).toBe(236);
    expect([...labels]).toEqual([0, 1, 2, 1, 0]);
  });

  test('keeps float32 samples, also when the file does not start at a multiple of 4', () => {
    const samples = Float32Array.of(1.5, -2, 3.25, 1e-30);
    const file = encodeShard({ shape: [2], classes: 2, samples, labels: Int32Array.of(1, 0) });
    const shifted = new Uint8Array(file.length + 1);
    shifted.set(file, 1);
    expect([...parseShard(shifted.subarray(1), 'f').samples]).toEqual([...samples]);
  });

  test('header length does not depend on the hashes', () => {
    const content = { count: 1e6, shape: [3, 32, 32], dtype: 'uint8', classes: 10 } as const;
    const zeros = encodeShardHeader({ ...content, samplesSha256: '0'.repeat(64), labelsSha256: '0'.repeat(64) });
    const other = encodeShardHeader({ ...content, samplesSha256: 'a'.repeat(64), labelsSha256: 'f'.repeat(64) });
    expect(zeros.bytes.length).toBe(other.bytes.length);
    expect(zeros.header.labels.offset).toBe(other.header.labels.offset);
    expect(parseShardHeader(other.bytes, other.header.labels.offset + 4e6, 'big')).toEqual(other.header);
  });

  test('names what is damaged', () => {
    const file = bytesShard();
    const cut = () => parseShard(file.subarray(0, file.length - 3), 'train.shard');
    expect(cut).toThrow(/train\.shard: expected a file of \d+ bytes, got \d+ \(the file is cut short\)/);
    const flipped = file.slice();
    const { samples, labels } = parseShard(file, 'x').header;
    flipped[samples.offset + 7] = (flipped[samples.offset + 7] as number) ^ 1;
    expect(() => parseShard(flipped, 'train.shard')).toThrow(/expected samples with SHA-256 [0-9a-f]{64}, got/);
    const relabelled = encodeShard({
      shape: [1],
      classes: 2,
      samples: Uint8Array.of(1, 2, 3),
      labels: Int32Array.of(0, 1, 2),
    });
    expect(() => parseShard(relabelled, 'x')).toThrow('expected labels in [0, 2), got 2 for sample 2');
    expect(labels.bytes).toBe(20);
    expect(() => parseShard(new Uint8Array(4), 'x')).toThrow('at least 8 bytes, got 4');
    expect(() => parseShard(new Uint8Array(80).fill(255), 'x')).toThrow('not a shard');
  });

  test.each<[string, (header: Record<string, unknown>) => void, string]>([
    ['a later format', (h) => Object.assign(h, { format: 'lockstep-shard/2' }), 'lockstep-shard/2'],
    ['a count that is too large', (h) => Object.assign(h, { count: 6 }), 'samples.bytes 72'],
    ['a negative count', (h) => Object.assign(h, { count: -1 }), 'count'],
    ['a fractional count', (h) => Object.assign(h, { count: 1.5 }), 'count'],
    ['no shape', (h) => Object.assign(h, { shape: [] }), 'shape'],
    ['a shape whose product is not exact', (h) => Object.assign(h, { shape: [16777216, 16777216] }), 'elements'],
    ['an unknown dtype', (h) => Object.assign(h, { dtype: 'u8' }), 'dtype'],
    ['no classes', (h) => Object.assign(h, { classes: 0 }), 'classes'],
    ['an unknown field', (h) => Object.assign(h, { x: 1 }), '"x"'],
    ['an offset into the header', (h) => Object.assign(h.samples as object, { offset: 8 }), 'samples.offset'],
    ['a hash that is none', (h) => Object.assign(h.labels as object, { sha256: 'X'.repeat(64) }), 'labels.sha256'],
  ])('refuses %s', (_, change, message) => {
    expect(() => parseShard(withHeader(change), 'x')).toThrow(message);
  });

  test('100,000 mutated headers end in a header or in a data error, nothing else', () => {
    const file = bytesShard();
    const copy = new Uint8Array(file.length);
    let accepted = 0;
    for (let i = 0; i < 100_000; i++) {
      const words = philox([7, 7], [i, 0, 0, 0]);
      copy.set(file);
      const edits = 1 + ((words[0] as number) % 3);
      for (let edit = 0; edit < edits; edit++) {
        const word = philox([8, edit], [i, 0, 0, 0]);
        const position = (word[0] as number) % 420;
        // Digits and JSON punctuation reach deeper into the parser than arbitrary bytes.
        const pool = (word[2] as number) % 2 === 0 ? '0123456789,:"[]{}-.e' : null;
        copy[position] = pool ? pool.charCodeAt((word[1] as number) % pool.length) : (word[1] as number) & 255;
      }
      const size = (words[1] as number) % 4 === 0 ? (words[2] as number) % (file.length + 1) : file.length;
      try {
        const header = parseShardHeader(copy.subarray(0, size), size, 'fuzz');
        expect(header.labels.offset + header.labels.bytes).toBe(size);
        accepted++;
      } catch (error) {
        if (!isLockstepError(error) || error.code !== 'data.corrupt') throw error;
      }
    }
    expect(accepted).toBeGreaterThan(0); // hex digits of a hash may change freely
    expect(accepted).toBeLessThan(60_000);
  }, 20_000);
});
