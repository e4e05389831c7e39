export type {
  BurstRequest,
  BurstResult,
  EvaluationRequest,
  EvaluationResult,
  NonFinite,
  Session,
} from './backend/session.js';
export type { Communicator } from './comm/communicator.js';
export { corruptData } from './data/corrupt-data.js';
export {
  type IdxHeader,
  type IdxType,
  idxLengthMessage,
  idxSampleShape,
  idxToFloat32,
  idxToLabels,
  MAX_IDX_HEADER_BYTES,
  parseIdx,
  parseIdxHeader,
} from './data/idx.js';
export { inputAffine } from './data/input-affine.js';
export { type SampleOrder, type ShuffleMode, sampleAt } from './data/order.js';
export { parseShardHeader } from './data/parse-shard-header.js';
export { encodeShard, parseShard, type Shard } from './data/shard.js';
export {
  encodeShardHeader,
  MAX_SHARD_HEADER_BYTES,
  type SampleDtype,
  type ShardFile,
  type ShardHeader,
  sampleElements,
} from './data/shard-header.js';
export { canonicalJson } from './state/canonical-json.js';
export { stateDigest, weightsDigest } from './state/digests.js';
export { encodeSafetensors, parseSafetensors, safetensorsParts } from './state/safetensors.js';
export { isOptimizerSlot, type StateTensor } from './state/state-tensor.js';
export type { CheckpointReason, TrainEvent } from './train/train-events.js';
export {
  controlCheckpoint,
  controlStop,
  type TrainCheckpoint,
  type TrainLoopOptions,
  type TrainOutcome,
  trainLoop,
} from './train/train-loop.js';
export {
  type EpochMeans,
  initialTrainState,
  parseTrainState,
  stepsPerEpoch,
  type TrainState,
} from './train/train-state.js';
