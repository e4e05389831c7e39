import type { GraphSpec, PresetName } from '@lockstep/contracts';
import { lenet5 } from './presets/lenet5.js';
import { mlp } from './presets/mlp.js';
import { resnet20 } from './presets/resnet20.js';
import { softmaxRegression } from './presets/softmax-regression.js';

/** The graph of a preset for samples of this shape and this number of classes. `hidden` is the mlp's. */
export function presetGraph(
  model: {
    readonly preset: PresetName;
    readonly hidden?: readonly number[] | undefined;
  },
  sampleShape: readonly number[],
  classes: number,
): GraphSpec {
  switch (model.preset) {
    case 'lenet5':
      return lenet5(sampleShape, classes);
    case 'mlp':
      return mlp(sampleShape, classes, model.hidden);
    case 'softmax-regression':
      return softmaxRegression(sampleShape, classes);
    case 'resnet20':
      return resnet20(sampleShape, classes);
  }
}
