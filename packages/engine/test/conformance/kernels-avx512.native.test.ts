import { describeNativeConformance } from './native-conformance.js';

describeNativeConformance('avx512_core');
