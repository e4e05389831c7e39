import { describeOwnKernels } from './own-kernels.js';

describeOwnKernels('avx2');
