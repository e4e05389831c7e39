import { type ReferenceKernels, tensorOf } from '../reference-kernel.js';

export const reshapeReference: ReferenceKernels = {
  /** x -> y with the same elements in the same order. */
  'reshape.forward': ({ inputs, outputs }) => {
    tensorOf(outputs, 'y').data.set(tensorOf(inputs, 'x').data);
  },
};
