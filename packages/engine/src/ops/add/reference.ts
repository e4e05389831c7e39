import { at, type ReferenceKernels, tensorOf } from '../reference-kernel.js';

export const addReference: ReferenceKernels = {
  /** a, b -> y = a + b; also adds the gradients of branches. */
  'add.forward': ({ inputs, outputs }) => {
    const b = tensorOf(inputs, 'b');
    tensorOf(outputs, 'y').data.set(tensorOf(inputs, 'a').data.map((value, index) => value + at(b, index)));
  },
};
