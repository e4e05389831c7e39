import { createHash } from 'node:crypto';
import { isLockstepError } from '@lockstep/contracts';
import { describe, expect, test } from 'vitest';
import { philox } from '../random/philox.js';
import { canonicalJson } from './canonical-json.js';
import { stateDigest, weightsDigest } from './digests.js';
import { encodeSafetensors, parseSafetensors } from './safetensors.js';
import { byNameBytes, type StateTensor } from './state-tensor.js';

const tensors: StateTensor[] = [
  { name: 'linear1.weight', shape: [2, 3], data: Float32Array.of(1, 2, 3, -0, 5, 6.5) },
  { name: 'optimizer/linear1.weight/momentum', shape: [2, 3], data: new Float32Array(6).fill(0.1) },
  { name: 'bn1.runningMean', shape: [1], data: Float32Array.of(Number.NaN) },
];

describe('canonicalJson', () => {
  test('sorts keys at every level and keeps lists in order', () => {
    expect(canonicalJson({ b: [3, { z: null, a: 'x' }], a: true, c: undefined })).toBe(
      '{"a":true,"b":[3,{"a":"x","z":null}]}',
    );
    expect(canonicalJson(-0)).toBe('-0');
  });

  test('refuses what JSON would change silently', () => {
    expect(() => canonicalJson({ loss: Number.NaN })).toThrow('finite');
    expect(() => canonicalJson([undefined])).toThrow('plain data');
    expect(() => canonicalJson(new Float32Array(2))).toThrow('plain data');
    expect(() => canonicalJson(new Date(0))).toThrow('plain data');
  });
});

describe('digests', () => {
  test('weights digest is the documented hash over sorted parameters and buffers', () => {
    const hash = createHash('sha256')
      .update('["bn1.runningMean","float32",[1]]\n')
      .update(new Uint8Array((tensors[2] as StateTensor).data.buffer))
      .update('["linear1.weight","float32",[2,3]]\n')
      .update(new Uint8Array((tensors[0] as StateTensor).data.buffer));
    expect(weightsDigest(tensors)).toBe(hash.digest('hex'));
    expect(weightsDigest([...tensors].reverse())).toBe(weightsDigest(tensors));
  });

  test('every part of the state changes the state digest', () => {
    const base = stateDigest(tensors, { step: 1, sums: [0.5] });
    expect(stateDigest([...tensors].reverse(), { sums: [0.5], step: 1 })).toBe(base);
    expect(stateDigest(tensors, { step: 2, sums: [0.5] })).not.toBe(base);
    const positiveZero = tensors.map((t) => ({ ...t, data: Float32Array.from(t.data, (x) => (x === 0 ? 0 : x)) }));
    expect(stateDigest(positiveZero, { step: 1, sums: [0.5] })).not.toBe(base);
    const reshaped = tensors.map((t) => (t.shape.length === 2 ? { ...t, shape: [3, 2] } : t));
    expect(weightsDigest(reshaped)).not.toBe(weightsDigest(tensors));
    expect(stateDigest(tensors.slice(0, 1), {})).not.toBe(stateDigest(tensors, {}));
  });

  test('names sort by their bytes', () => {
    const names = ['é', 'z', 'a/b', 'a.b', '\u{1f600}', '\uff5e', 'a'];
    const sorted = names.map((name) => ({ name })).sort(byNameBytes);
    const expected = [...names].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    expect(sorted.map(({ name }) => name)).toEqual(expected);
  });
});

describe('safetensors', () => {
  test('round trip with metadata, scalars, empty tensors and odd names', () => {
    const odd: StateTensor[] = [
      ...tensors,
      { name: '__proto__', shape: [], data: Float32Array.of(7) },
      { name: 'größe', shape: [0, 4], data: new Float32Array(0) },
    ];
    const { tensors: parsed, metadata } = parseSafetensors(encodeSafetensors(odd, { format: 'x/1' }), 'model');
    expect(metadata.format).toBe('x/1');
    expect(parsed).toEqual([...odd].sort(byNameBytes));
  });

  test('the header follows the published format', () => {
    const file = encodeSafetensors([{ name: 'w', shape: [2], data: Float32Array.of(1, 2) }]);
    const length = Number(new DataView(file.buffer).getBigUint64(0, true));
    expect((8 + length) % 8).toBe(0);
    expect(JSON.parse(new TextDecoder().decode(file.subarray(8, 8 + length)))).toEqual({
      w: { dtype: 'F32', shape: [2], data_offsets: [0, 8] },
    });
    expect([...file.subarray(8 + length)]).toEqual([0, 0, 128, 63, 0, 0, 0, 64]);
  });

  test('refuses files that are cut, padded, or that lie about offsets', () => {
    const file = encodeSafetensors(tensors);
    expect(() => parseSafetensors(file.subarray(0, file.length - 1), 'm')).toThrow(/m: expected/);
    expect(() => parseSafetensors(Uint8Array.of(...file, 0), 'm')).toThrow('bytes of data');
    expect(() => parseSafetensors(file.subarray(0, 5), 'm')).toThrow('at least 8 bytes');
    const half = (json: unknown, data: number) => {
      const text = new TextEncoder().encode(JSON.stringify(json));
      const bytes = new Uint8Array(8 + text.length + data);
      new DataView(bytes.buffer).setBigUint64(0, BigInt(text.length), true);
      bytes.set(text, 8);
      return bytes;
    };
    const entry = (shape: unknown, offsets: unknown, dtype = 'F32') => ({ dtype, shape, data_offsets: offsets });
    expect(() => parseSafetensors(half({ a: entry([1], [0, 4], 'F16') }, 4), 'm')).toThrow('dtype F32, got "F16"');
    expect(() => parseSafetensors(half({ a: entry([2], [0, 4]) }, 4), 'm')).toThrow('expected 8 bytes');
    expect(() => parseSafetensors(half({ a: entry([1], [0, 4]), b: entry([1], [0, 4]) }, 4), 'm')).toThrow('offset 4');
    expect(() => parseSafetensors(half({ a: entry([1], [4, 8]) }, 8), 'm')).toThrow('offset 0');
    expect(() => parseSafetensors(half({ a: null }, 0), 'm')).toThrow('got nothing');
    expect(() => parseSafetensors(half([1], 0), 'm')).toThrow('JSON object');
  });

  test('20,000 mutated files end in tensors or in a data error, nothing else', () => {
    const file = encodeSafetensors(tensors);
    for (let i = 0; i < 20_000; i++) {
      const copy = file.slice();
      const words = philox([5, 5], [i, 0, 0, 0]);
      copy[(words[0] as number) % copy.length] = (words[1] as number) & 255;
      if (i % 2 === 0) copy[(words[2] as number) % 200] = '0123456789,:"[]{}'.charCodeAt((words[3] as number) % 17);
      try {
        parseSafetensors(copy, 'fuzz');
      } catch (error) {
        if (!isLockstepError(error) || error.code !== 'data.corrupt') throw error;
      }
    }
  }, 20_000);
});
