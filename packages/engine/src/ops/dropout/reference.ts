import { philox } from '../../random/philox.js';
import { streamKey } from '../../random/stream-key.js';
import {
  at,
  numberOf,
  type ReferenceCall,
  type ReferenceKernels,
  type ReferenceTensor,
  sizeOf,
  tensorOf,
} from '../reference-kernel.js';

/**
 * Element e of a sample (row-major in [C,H,W]) is kept if word e % 4 of Philox block [floor(e/4), index low, step, index
 * high] under the stream `dropout/<node>` is at least floor(rate * 2^32); kept elements are scaled by float32(1/(1-rate)).
 * The mask depends on the sample's dataset index, not on its row, so it is the same in any cut into lanes.
 */
function mask(call: ReferenceCall, source: ReferenceTensor, target: ReferenceTensor): void {
  const rate = numberOf(call.attributes, 'rate');
  const { seed, step, sampleIndices } = call.context;
  const key = streamKey(seed, `dropout/${call.node}`);
  const threshold = Math.floor(rate * 2 ** 32);
  const scale = Math.fround(1 / (1 - rate));
  const elements = source.data.length / sizeOf(source, 0);
  for (let index = 0; index < source.data.length; index += 1) {
    const element = index % elements;
    const sample = sampleIndices[Math.floor(index / elements)];
    if (sample === undefined) throw new Error('the context has no index for a row of the batch');
    const block = philox(key, [Math.floor(element / 4), sample % 2 ** 32, step, Math.floor(sample / 2 ** 32)]);
    const kept = (block[element % 4] ?? 0) >= threshold;
    target.data[index] = kept ? at(source, index) * scale : 0;
  }
}

export const dropoutReference: ReferenceKernels = {
  /** x -> y */
  'dropout.forward': (call) => mask(call, tensorOf(call.inputs, 'x'), tensorOf(call.outputs, 'y')),
  /** dy -> dx, with the same mask */
  'dropout.grad': (call) => mask(call, tensorOf(call.inputs, 'dy'), tensorOf(call.outputs, 'dx')),
};
