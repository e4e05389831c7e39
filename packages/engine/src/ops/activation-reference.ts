import { at, type ReferenceKernels, tensorOf } from './reference-kernel.js';

/** Kernels `<op>.forward` x -> y and `<op>.grad` y, dy -> dx from a function and its derivative in terms of y. */
export function activationReference(
  op: string,
  value: (x: number) => number,
  derivative: (y: number) => number,
): ReferenceKernels {
  return {
    [`${op}.forward`]: ({ inputs, outputs }) => {
      tensorOf(outputs, 'y').data.set(tensorOf(inputs, 'x').data.map(value));
    },
    [`${op}.grad`]: ({ inputs, outputs }) => {
      const y = tensorOf(inputs, 'y');
      tensorOf(outputs, 'dx').data.set(tensorOf(inputs, 'dy').data.map((dy, index) => dy * derivative(at(y, index))));
    },
  };
}
