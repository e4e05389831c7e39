import { addTo, at, type ReferenceKernel, type ReferenceKernels, sizeOf, tensorOf } from '../reference-kernel.js';

/** logProbabilities [n,classes], label [n] -> sums: [sum of -logProbabilities[label], samples whose first maximum is the label] */
const forward: ReferenceKernel = ({ inputs, outputs }) => {
  const [logProbabilities, label] = [tensorOf(inputs, 'logProbabilities'), tensorOf(inputs, 'label')];
  const sums = tensorOf(outputs, 'sums');
  const classes = sizeOf(logProbabilities, 1);
  for (const [sample, target] of label.data.entries()) {
    const row = logProbabilities.data.subarray(sample * classes, (sample + 1) * classes);
    const best = row.reduce((first, value, c) => (value > (row[first] ?? Number.NaN) ? c : first), 0);
    addTo(sums, 0, -at(logProbabilities, sample * classes + target));
    addTo(sums, 1, best === target ? 1 : 0);
  }
};

/** label [n] -> dlogProbabilities [n,classes]: -gradientScale at the label, 0 elsewhere */
const grad: ReferenceKernel = ({ inputs, outputs, context }) => {
  const [label, dlogProbabilities] = [tensorOf(inputs, 'label'), tensorOf(outputs, 'dlogProbabilities')];
  const classes = sizeOf(dlogProbabilities, 1);
  for (const [sample, target] of label.data.entries()) {
    dlogProbabilities.data[sample * classes + target] = -context.gradientScale;
  }
};

export const nllLossReference: ReferenceKernels = { 'nllLoss.forward': forward, 'nllLoss.grad': grad };
