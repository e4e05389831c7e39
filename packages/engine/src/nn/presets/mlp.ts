import type { GraphSpec, LayerSpec } from '@lockstep/contracts';
import { layersToGraph } from '../layers-to-graph.js';

const defaultHidden = [128];

/** Linear layers with relu between them. */
export function mlp(
  sampleShape: readonly number[],
  classes: number,
  hidden: readonly number[] = defaultHidden,
): GraphSpec {
  const layers: LayerSpec[] = [{ name: 'flatten', op: 'flatten' }];
  for (const [index, outFeatures] of hidden.entries()) {
    layers.push({ name: `fc${index + 1}`, op: 'linear', outFeatures }, { name: `relu${index + 1}`, op: 'relu' });
  }
  layers.push({
    name: `fc${hidden.length + 1}`,
    op: 'linear',
    outFeatures: classes,
  });
  layers.push({ name: 'logSoftmax', op: 'logSoftmax' });
  return layersToGraph(layers, sampleShape);
}
