import { describe, expect, it } from 'vitest';
import { isPicture, rangeOf, rgbaOf, samplesOf } from './sample-pictures.js';

const base64 = (bytes: Uint8Array): string => btoa(String.fromCharCode(...bytes));

describe('samplesOf', () => {
  it('cuts bytes and floats into samples', () => {
    const bytes = {
      offset: 20,
      shape: [1, 1, 2],
      dtype: 'uint8' as const,
      labels: [3, 0],
      values: base64(Uint8Array.of(1, 2, 3, 4)),
    };
    expect(samplesOf(bytes)).toEqual([
      { index: 20, label: 3, values: Uint8Array.of(1, 2) },
      { index: 21, label: 0, values: Uint8Array.of(3, 4) },
    ]);
    const floats = Float32Array.of(0.5, -2);
    const given = {
      offset: 0,
      shape: [1],
      dtype: 'float32' as const,
      labels: [1, 2],
      values: base64(new Uint8Array(floats.buffer)),
    };
    expect(samplesOf(given)[1]).toEqual({ index: 1, label: 2, values: Float32Array.of(-2) });
    expect(rangeOf('float32', samplesOf(given))).toEqual([-2, 0.5]);
    expect(rangeOf('float32', [])).toEqual([0, 1]);
    expect(rangeOf('uint8', [])).toEqual([0, 255]);
  });
});

describe('rgbaOf', () => {
  it('shows one channel as grey and three as colour', () => {
    expect([...rgbaOf([0, 255], [1, 1, 2], [0, 255])]).toEqual([0, 0, 0, 255, 255, 255, 255, 255]);
    expect([...rgbaOf([255, 0, 51], [3, 1, 1], [0, 255])]).toEqual([255, 0, 51, 255]);
  });

  it('knows what is a picture', () => {
    expect([[1, 2, 2], [3, 2, 2], [2, 2, 2], [4], null].map(isPicture)).toEqual([true, true, false, false, false]);
  });
});
