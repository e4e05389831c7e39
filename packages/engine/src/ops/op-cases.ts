import type { OpName } from '@lockstep/contracts';
import { addCases } from './add/cases.js';
import { avgPool2dCases } from './avg-pool2d/cases.js';
import { batchNormCases } from './batch-norm/cases.js';
import { conv2dCases } from './conv2d/cases.js';
import { dropoutCases } from './dropout/cases.js';
import { flattenCases } from './flatten/cases.js';
import { linearCases } from './linear/cases.js';
import { logSoftmaxCases } from './log-softmax/cases.js';
import { maxPool2dCases } from './max-pool2d/cases.js';
import type { OpCase } from './op-case.js';
import { reluCases } from './relu/cases.js';
import { reshapeCases } from './reshape/cases.js';
import { sigmoidCases } from './sigmoid/cases.js';
import { tanhCases } from './tanh/cases.js';

/** The conformance cases of every op; the compiler refuses a table that misses one. */
export const opCases: Readonly<Record<OpName, readonly OpCase[]>> = {
  add: addCases,
  avgPool2d: avgPool2dCases,
  batchNorm: batchNormCases,
  conv2d: conv2dCases,
  dropout: dropoutCases,
  flatten: flattenCases,
  linear: linearCases,
  logSoftmax: logSoftmaxCases,
  maxPool2d: maxPool2dCases,
  relu: reluCases,
  reshape: reshapeCases,
  sigmoid: sigmoidCases,
  tanh: tanhCases,
};
