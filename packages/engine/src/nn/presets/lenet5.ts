import type { GraphSpec } from '@lockstep/contracts';
import { layersToGraph } from '../layers-to-graph.js';

/**
 * LeNet-5 as BigDL ships it: 22,278 parameters on [1,28,28] and 10 classes.
 * After LeCun et al., "Gradient-based learning applied to document recognition", 1998.
 */
export function lenet5(sampleShape: readonly number[], classes: number): GraphSpec {
  return layersToGraph(
    [
      { name: 'conv1', op: 'conv2d', outChannels: 6, kernel: 5 }, // [1,28,28] -> [6,24,24]
      { name: 'tanh1', op: 'tanh' },
      { name: 'pool1', op: 'maxPool2d', kernel: 2 }, // -> [6,12,12]
      { name: 'conv2', op: 'conv2d', outChannels: 12, kernel: 5 }, // -> [12,8,8]
      { name: 'tanh2', op: 'tanh' },
      { name: 'pool2', op: 'maxPool2d', kernel: 2 }, // -> [12,4,4]
      { name: 'flatten', op: 'flatten' }, // -> [192]
      { name: 'fc1', op: 'linear', outFeatures: 100 },
      { name: 'tanh3', op: 'tanh' },
      { name: 'fc2', op: 'linear', outFeatures: classes },
      { name: 'logSoftmax', op: 'logSoftmax' },
    ],
    sampleShape,
  );
}
