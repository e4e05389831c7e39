import { at, type ReferenceKernel, type ReferenceKernels, sizeOf, tensorOf } from '../reference-kernel.js';

/** x [n,classes] -> y = x - max - log(sum(exp(x - max))) */
const forward: ReferenceKernel = ({ inputs, outputs }) => {
  const [x, y] = [tensorOf(inputs, 'x'), tensorOf(outputs, 'y')];
  const classes = sizeOf(x, 1);
  for (let sample = 0; sample < sizeOf(x, 0); sample += 1) {
    const row = x.data.subarray(sample * classes, (sample + 1) * classes);
    const largest = row.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY);
    const logSum = Math.log(row.reduce((sum, value) => sum + Math.exp(value - largest), 0));
    y.data.set(
      row.map((value) => value - largest - logSum),
      sample * classes,
    );
  }
};

/** y, dy [n,classes] -> dx = dy - exp(y) * sum(dy) */
const grad: ReferenceKernel = ({ inputs, outputs }) => {
  const [y, dy, dx] = [tensorOf(inputs, 'y'), tensorOf(inputs, 'dy'), tensorOf(outputs, 'dx')];
  const classes = sizeOf(y, 1);
  for (let sample = 0; sample < sizeOf(y, 0); sample += 1) {
    const row = dy.data.subarray(sample * classes, (sample + 1) * classes);
    const sum = row.reduce((total, value) => total + value, 0);
    for (const [c, value] of row.entries()) {
      const index = sample * classes + c;
      dx.data[index] = value - Math.exp(at(y, index)) * sum;
    }
  }
};

export const logSoftmaxReference: ReferenceKernels = { 'logSoftmax.forward': forward, 'logSoftmax.grad': grad };
