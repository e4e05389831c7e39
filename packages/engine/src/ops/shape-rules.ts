import type { ShapeRules } from '../graph/shape-rule.js';
import { addShape } from './add/shape.js';
import { avgPool2dShape } from './avg-pool2d/shape.js';
import { batchNormShape } from './batch-norm/shape.js';
import { conv2dShape } from './conv2d/shape.js';
import { dropoutShape } from './dropout/shape.js';
import { flattenShape } from './flatten/shape.js';
import { linearShape } from './linear/shape.js';
import { logSoftmaxShape } from './log-softmax/shape.js';
import { maxPool2dShape } from './max-pool2d/shape.js';
import { reluShape } from './relu/shape.js';
import { reshapeShape } from './reshape/shape.js';
import { sigmoidShape } from './sigmoid/shape.js';
import { tanhShape } from './tanh/shape.js';

/** Every op's shape rule, by the op's name in a graph spec. */
export const shapeRules: ShapeRules = {
  add: addShape,
  avgPool2d: avgPool2dShape,
  batchNorm: batchNormShape,
  conv2d: conv2dShape,
  dropout: dropoutShape,
  flatten: flattenShape,
  linear: linearShape,
  logSoftmax: logSoftmaxShape,
  maxPool2d: maxPool2dShape,
  relu: reluShape,
  reshape: reshapeShape,
  sigmoid: sigmoidShape,
  tanh: tanhShape,
};
