import {
  addTo,
  at,
  numberOf,
  type ReferenceCall,
  type ReferenceKernel,
  type ReferenceKernels,
  type ReferenceTensor,
  sizeOf,
  tensorOf,
} from '../reference-kernel.js';

/** Elements of one channel of one sample: H*W of [n,C,H,W], 1 of [n,C]. */
function spatialOf(x: ReferenceTensor): number {
  return x.data.length / (sizeOf(x, 0) * sizeOf(x, 1));
}

function channelOf(x: ReferenceTensor, index: number): number {
  return Math.floor(index / spatialOf(x)) % sizeOf(x, 1);
}

/** y = scale * (x - mean) / sqrt(variance + epsilon) + shift */
function normalise({ inputs, outputs, attributes }: ReferenceCall, mean: ReferenceTensor, variance: ReferenceTensor) {
  const [x, scale, shift] = [tensorOf(inputs, 'x'), tensorOf(inputs, 'scale'), tensorOf(inputs, 'shift')];
  const y = tensorOf(outputs, 'y');
  const epsilon = numberOf(attributes, 'epsilon');
  for (const [index, value] of x.data.entries()) {
    const c = channelOf(x, index);
    y.data[index] = ((value - at(mean, c)) / Math.sqrt(at(variance, c) + epsilon)) * at(scale, c) + at(shift, c);
  }
}

/** x, scale, shift -> y, mean [C], variance [C] (biased: divided by the count) */
const forwardTraining: ReferenceKernel = (call) => {
  const x = tensorOf(call.inputs, 'x');
  const [mean, variance] = [tensorOf(call.outputs, 'mean'), tensorOf(call.outputs, 'variance')];
  const count = sizeOf(x, 0) * spatialOf(x);
  for (const [index, value] of x.data.entries()) addTo(mean, channelOf(x, index), value / count);
  for (const [index, value] of x.data.entries()) {
    const c = channelOf(x, index);
    addTo(variance, c, (value - at(mean, c)) ** 2 / count);
  }
  normalise(call, mean, variance);
};

/** x, scale, shift, runningMean, runningVariance -> y */
const forwardRunning: ReferenceKernel = (call) => {
  normalise(call, tensorOf(call.inputs, 'runningMean'), tensorOf(call.inputs, 'runningVariance'));
};

/** dscale = sum of dy * xhat, dshift = sum of dy, per channel. */
function parameterGradients(
  { inputs, outputs, attributes }: ReferenceCall,
  mean: ReferenceTensor,
  variance: ReferenceTensor,
) {
  const [x, dy] = [tensorOf(inputs, 'x'), tensorOf(inputs, 'dy')];
  const [dscale, dshift] = [tensorOf(outputs, 'dscale'), tensorOf(outputs, 'dshift')];
  const epsilon = numberOf(attributes, 'epsilon');
  for (const [index, value] of dy.data.entries()) {
    const c = channelOf(x, index);
    addTo(dscale, c, (value * (at(x, index) - at(mean, c))) / Math.sqrt(at(variance, c) + epsilon));
    addTo(dshift, c, value);
  }
  return { x, dy, dscale, dshift, epsilon };
}

/** dx = scale / sqrt(variance + epsilon) * (dy - dshift / m - xhat * dscale / m), m = n * H * W: mean and variance depend on x. */
const gradTraining: ReferenceKernel = (call) => {
  const [mean, variance] = [tensorOf(call.inputs, 'mean'), tensorOf(call.inputs, 'variance')];
  const { x, dy, dscale, dshift, epsilon } = parameterGradients(call, mean, variance);
  const [scale, dx] = [tensorOf(call.inputs, 'scale'), tensorOf(call.outputs, 'dx')];
  const count = sizeOf(x, 0) * spatialOf(x);
  for (const [index, value] of dy.data.entries()) {
    const c = channelOf(x, index);
    const deviation = Math.sqrt(at(variance, c) + epsilon);
    const normalised = (at(x, index) - at(mean, c)) / deviation;
    dx.data[index] =
      (at(scale, c) / deviation) * (value - at(dshift, c) / count - (normalised * at(dscale, c)) / count);
  }
};

/** dx = dy * scale / sqrt(runningVariance + epsilon): the statistics are constants. */
const gradRunning: ReferenceKernel = (call) => {
  const variance = tensorOf(call.inputs, 'runningVariance');
  const { x, dy, epsilon } = parameterGradients(call, tensorOf(call.inputs, 'runningMean'), variance);
  const [scale, dx] = [tensorOf(call.inputs, 'scale'), tensorOf(call.outputs, 'dx')];
  for (const [index, value] of dy.data.entries()) {
    const c = channelOf(x, index);
    dx.data[index] = (value * at(scale, c)) / Math.sqrt(at(variance, c) + epsilon);
  }
};

/**
 * The lane's share of the running statistics: batchMean = mean * n, batchVariance = variance * m/(m-1) * n, with n samples
 * of `spatial` elements and m = n * spatial. Summed over lanes and divided by the samples they give the batch's.
 */
const statistics: ReferenceKernel = ({ inputs, outputs, attributes }) => {
  const samples = numberOf(attributes, 'samples');
  const count = samples * numberOf(attributes, 'spatial');
  const [mean, variance] = [tensorOf(inputs, 'mean'), tensorOf(inputs, 'variance')];
  for (const [c, value] of mean.data.entries()) {
    tensorOf(outputs, 'batchMean').data[c] = value * samples;
    tensorOf(outputs, 'batchVariance').data[c] = at(variance, c) * (count / (count - 1)) * samples;
  }
};

export const batchNormReference: ReferenceKernels = {
  'batchNorm.forwardTraining': forwardTraining,
  'batchNorm.gradTraining': gradTraining,
  'batchNorm.forwardRunning': forwardRunning,
  'batchNorm.gradRunning': gradRunning,
  'batchNorm.statistics': statistics,
};
