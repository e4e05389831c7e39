export { availableIsas } from './cpu.js';
export { type ResolvedDataset, resolveDataset } from './datasets/resolve-dataset.js';
export { type CheckpointDigests, readDigests } from './digest/read-digests.js';
export { predictImages } from './predict/predict-images.js';
export { RunFolder } from './run-folder/run-folder.js';
export type { RunEvent } from './supervisor/run-events.js';
export type { RunSummary } from './supervisor/run-summary.js';
export { superviseRun } from './supervisor/supervise-run.js';
