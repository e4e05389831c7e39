import type { GraphSpec } from '@lockstep/contracts';
import { layersToGraph } from '../layers-to-graph.js';

/** Multinomial logistic regression: one linear layer. */
export function softmaxRegression(sampleShape: readonly number[], classes: number): GraphSpec {
  return layersToGraph(
    [
      { name: 'flatten', op: 'flatten' },
      { name: 'fc', op: 'linear', outFeatures: classes },
      { name: 'logSoftmax', op: 'logSoftmax' },
    ],
    sampleShape,
  );
}
