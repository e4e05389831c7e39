import type { ResolvedSpec } from '@lockstep/contracts';

/**
 * Samples as the model saw them in training: (x/255 - mean)/std for data of bytes, (x - mean)/std otherwise.
 * samples: [count, C, ...] -> [count, C, ...]
 */
export function normalise(samples: Float32Array, count: number, spec: ResolvedSpec): Float32Array {
  const { mean, std } = spec.input;
  const perSample = samples.length / count;
  const perChannel = perSample / mean.length;
  const scale = spec.data.dtype === 'uint8' ? 255 : 1;
  return samples.map((value, index) => {
    const channel = Math.floor((index % perSample) / perChannel);
    return (value / scale - (mean[channel] ?? 0)) / (std[channel] ?? 1);
  });
}
