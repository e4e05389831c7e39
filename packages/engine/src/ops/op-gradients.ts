import type { OpName } from '@lockstep/contracts';
import { addGradient } from './add/grad.js';
import { avgPool2dGradient } from './avg-pool2d/grad.js';
import { batchNormGradient } from './batch-norm/grad.js';
import { conv2dGradient } from './conv2d/grad.js';
import { dropoutGradient } from './dropout/grad.js';
import { linearGradient } from './linear/grad.js';
import { logSoftmaxGradient } from './log-softmax/grad.js';
import { maxPool2dGradient } from './max-pool2d/grad.js';
import type { OpGradient } from './op-gradient.js';
import { reluGradient } from './relu/grad.js';
import { reshapeGradient } from './reshape/grad.js';
import { sigmoidGradient } from './sigmoid/grad.js';
import { tanhGradient } from './tanh/grad.js';

/** Every op's kernel calls, by the op's name in a graph spec. */
export const opGradients: Readonly<Record<OpName, OpGradient>> = {
  add: addGradient,
  avgPool2d: avgPool2dGradient,
  batchNorm: batchNormGradient,
  conv2d: conv2dGradient,
  dropout: dropoutGradient,
  flatten: reshapeGradient,
  linear: linearGradient,
  logSoftmax: logSoftmaxGradient,
  maxPool2d: maxPool2dGradient,
  relu: reluGradient,
  reshape: reshapeGradient,
  sigmoid: sigmoidGradient,
  tanh: tanhGradient,
};
