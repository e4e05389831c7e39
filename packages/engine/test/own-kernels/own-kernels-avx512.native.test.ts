import { describeOwnKernels } from './own-kernels.js';

describeOwnKernels('avx512_core');
