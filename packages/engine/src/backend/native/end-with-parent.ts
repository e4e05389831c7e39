export { endWithParent } from '@lockstep/kernels-native';
