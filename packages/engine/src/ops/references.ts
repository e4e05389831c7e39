import { addReference } from './add/reference.js';
import { avgPool2dReference } from './avg-pool2d/reference.js';
import { batchNormReference } from './batch-norm/reference.js';
import { conv2dReference } from './conv2d/reference.js';
import { dropoutReference } from './dropout/reference.js';
import { linearReference } from './linear/reference.js';
import { logSoftmaxReference } from './log-softmax/reference.js';
import { maxPool2dReference } from './max-pool2d/reference.js';
import { nllLossReference } from './nll-loss/reference.js';
import type { ReferenceKernel } from './reference-kernel.js';
import { reluReference } from './relu/reference.js';
import { reshapeReference } from './reshape/reference.js';
import { sigmoidReference } from './sigmoid/reference.js';
import { tanhReference } from './tanh/reference.js';

/** Every kernel's float64 reference by the kernel's name, the same name as the native kernel's. */
export const references: ReadonlyMap<string, ReferenceKernel> = new Map(
  [
    addReference,
    avgPool2dReference,
    batchNormReference,
    conv2dReference,
    dropoutReference,
    linearReference,
    logSoftmaxReference,
    maxPool2dReference,
    nllLossReference,
    reluReference,
    reshapeReference,
    sigmoidReference,
    tanhReference,
  ].flatMap((kernels) => Object.entries(kernels)),
);
