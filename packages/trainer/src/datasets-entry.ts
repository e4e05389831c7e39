/** Datasets to look at, for servers that show them: nothing here trains, starts a process or asks the network. */
export { type ClassCounts, readClassCounts, readSamples, type SampleRows } from './datasets/read-samples.js';
export type { ResolvedDataset } from './datasets/resolve-dataset.js';
export { resolveDatasetHere } from './datasets/resolve-dataset-here.js';
export { type DatasetOrigin, sampleOrigins } from './datasets/sample-origins.js';
