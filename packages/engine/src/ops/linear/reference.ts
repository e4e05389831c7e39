import { addTo, at, type ReferenceKernel, type ReferenceKernels, sizeOf, tensorOf } from '../reference-kernel.js';

/** x [n,I], weight [O,I], bias [O] -> y [n,O] */
const forward: ReferenceKernel = ({ inputs, outputs }) => {
  const [x, weight, y] = [tensorOf(inputs, 'x'), tensorOf(inputs, 'weight'), tensorOf(outputs, 'y')];
  const [inFeatures, outFeatures] = [sizeOf(weight, 1), sizeOf(weight, 0)];
  for (let index = 0; index < y.data.length; index += 1) {
    const o = index % outFeatures;
    const sample = Math.floor(index / outFeatures);
    let sum = inputs.bias === undefined ? 0 : at(inputs.bias, o);
    for (let i = 0; i < inFeatures; i += 1) sum += at(x, sample * inFeatures + i) * at(weight, o * inFeatures + i);
    y.data[index] = sum;
  }
};

/** dy [n,O], weight [O,I] -> dx [n,I] */
const gradData: ReferenceKernel = ({ inputs, outputs }) => {
  const [dy, weight, dx] = [tensorOf(inputs, 'dy'), tensorOf(inputs, 'weight'), tensorOf(outputs, 'dx')];
  const [inFeatures, outFeatures] = [sizeOf(weight, 1), sizeOf(weight, 0)];
  for (const [index, value] of dy.data.entries()) {
    const o = index % outFeatures;
    const sample = Math.floor(index / outFeatures);
    for (let i = 0; i < inFeatures; i += 1) addTo(dx, sample * inFeatures + i, value * at(weight, o * inFeatures + i));
  }
};

/** x [n,I], dy [n,O] -> dweight [O,I], dbias [O] */
const gradWeights: ReferenceKernel = ({ inputs, outputs }) => {
  const [x, dy, dweight] = [tensorOf(inputs, 'x'), tensorOf(inputs, 'dy'), tensorOf(outputs, 'dweight')];
  const [inFeatures, outFeatures] = [sizeOf(dweight, 1), sizeOf(dweight, 0)];
  for (const [index, value] of dy.data.entries()) {
    const o = index % outFeatures;
    const sample = Math.floor(index / outFeatures);
    for (let i = 0; i < inFeatures; i += 1) addTo(dweight, o * inFeatures + i, at(x, sample * inFeatures + i) * value);
    if (outputs.dbias !== undefined) addTo(outputs.dbias, o, value);
  }
};

export const linearReference: ReferenceKernels = {
  'linear.forward': forward,
  'linear.gradData': gradData,
  'linear.gradWeights': gradWeights,
};
