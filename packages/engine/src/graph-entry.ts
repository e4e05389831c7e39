/** Graphs and their rules: everything here runs in a browser. */
export { defaultLanes, laneBounds } from './graph/lanes.js';
export type * from './graph/types.js';
export { layersToGraph } from './nn/layers-to-graph.js';
export { presetGraph } from './nn/preset-graph.js';
export { buildGraph } from './ops/build-graph.js';
