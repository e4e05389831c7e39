/** Samples of a dataset as the server gives them. */
export interface GivenSamples {
  /** Place of the first one in its split. */
  readonly offset: number;
  readonly shape: readonly number[];
  readonly dtype: 'uint8' | 'float32';
  readonly labels: readonly number[];
  /** Bytes of all samples, base64. */
  readonly values: string;
}

export interface Sample {
  /** Place in its split. */
  readonly index: number;
  readonly label: number;
  /** Row-major, as stored. */
  readonly values: Uint8Array | Float32Array;
}

/** Least and greatest value that a picture can have. */
export type Range = readonly [number, number];

export function samplesOf({ offset, shape, dtype, labels, values }: GivenSamples): Sample[] {
  const bytes = Uint8Array.from(atob(values), (character) => character.charCodeAt(0));
  const all = dtype === 'uint8' ? bytes : new Float32Array(bytes.buffer);
  const each = shape.reduce((product, size) => product * size, 1);
  return labels.map((label, row) => ({
    index: offset + row,
    label,
    values: all.slice(row * each, (row + 1) * each),
  }));
}

/** Bytes are pictures from 0 to 255; of floats only what is seen is known. */
export function rangeOf(dtype: 'uint8' | 'float32', samples: readonly Sample[]): Range {
  if (dtype === 'uint8') return [0, 255];
  let [least, most] = [Infinity, -Infinity];
  for (const { values } of samples) {
    for (const value of values) [least, most] = [Math.min(least, value), Math.max(most, value)];
  }
  return least < most ? [least, most] : [0, 1];
}

/** Whether samples of this shape can be shown: grey or colour. */
export function isPicture(shape: readonly number[] | null): shape is readonly [number, number, number] {
  return shape?.length === 3 && (shape[0] === 1 || shape[0] === 3);
}

/** [channels, height, width] -> red, green, blue and opacity of each pixel. */
export function rgbaOf(
  values: ArrayLike<number>,
  [channels = 1, height = 0, width = 0]: readonly number[],
  [least, most]: Range,
): Uint8ClampedArray<ArrayBuffer> {
  const plane = height * width;
  const rgba = new Uint8ClampedArray(4 * plane);
  for (let pixel = 0; pixel < plane; pixel += 1) {
    for (let colour = 0; colour < 3; colour += 1) {
      const value = values[(channels === 3 ? colour : 0) * plane + pixel] ?? least;
      rgba[4 * pixel + colour] = (255 * (value - least)) / (most - least);
    }
    rgba[4 * pixel + 3] = 255;
  }
  return rgba;
}
