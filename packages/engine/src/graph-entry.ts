/** Graphs, their rules and the resolving of run specs: everything here runs in a browser. */
export { formatShape } from './graph/elements.js';
export { defaultLanes, laneBounds } from './graph/lanes.js';
export { type LayerRow, layerTable } from './graph/layer-table.js';
export { estimateMemory, formatBytes, type MemoryEstimate } from './graph/memory.js';
export type * from './graph/types.js';
export { ImageClassifier, type Inspection, type LayerOutput } from './inspect/image-classifier.js';
export { layersToGraph } from './nn/layers-to-graph.js';
export { presetGraph } from './nn/preset-graph.js';
export { buildGraph } from './ops/build-graph.js';
export { optimizerSlots } from './optim/optimizer-slots.js';
export type { DatasetFacts } from './resolve/dataset-facts.js';
export { resolveRunSpec } from './resolve/resolve-run-spec.js';
