/**
 * Normalisation as one multiply and one add a value, the form that the native lanes use:
 * (x/255 - mean)/std for bytes, (x - mean)/std for floats, per channel. Both numbers are float32.
 */
export function inputAffine(
  input: { readonly mean: readonly number[]; readonly std: readonly number[] },
  dtype: 'uint8' | 'float32',
): { scale: number[]; shift: number[] } {
  const unit = dtype === 'uint8' ? 255 : 1;
  return {
    scale: input.std.map((std) => Math.fround(1 / (unit * std))),
    shift: input.std.map((std, channel) => Math.fround(-(input.mean[channel] ?? 0) / std)),
  };
}
