import { describeNativeConformance } from './native-conformance.js';

describeNativeConformance('avx2');
