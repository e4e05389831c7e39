/**
 * Every bound that the product puts on what a person may ask for. They are here, and not where they are checked, because
 * the browser, the command line, the engine and the native code must all refuse the same things.
 */
export const limits = {
  /** Bytes of a YAML or JSON document. */
  documentBytes: 1024 * 1024,
  /** Levels of lists and maps inside each other in a document. */
  documentDepth: 32,
  /** Names and values in a document. */
  documentNodes: 200_000,
  /** Nodes of a graph, or layers of a layer list. */
  maxNodes: 2000,
  /** Named inputs of a graph. */
  maxInputs: 16,
  /** Dimensions of a tensor, without the batch. */
  maxRank: 6,
  /** Size of one dimension. */
  maxDimension: 2 ** 24,
  /** Elements of one tensor, batch included. */
  maxElements: 2 ** 31 - 1,
  /** Parameters of a model. */
  maxParameters: 2 ** 31,
  /** Kernel, stride or padding of a window, per axis. */
  maxWindow: 4096,
  /** Classes that a classifier tells apart. */
  maxClasses: 2 ** 20,
  /** Lanes of a run; a power of two. */
  maxLanes: 1024,
  /** Samples of a global batch. */
  maxBatch: 65536,
  maxEpochs: 10000,
  /** Seeds are exact integers in float64. */
  maxSeed: 2 ** 53 - 1,
  /** Samples of a dataset split: the order is a permutation of 32 bits. */
  maxSamples: 2 ** 32,
  /** Characters of a run's or a node's name. */
  nameCharacters: 64,
  /** Characters of a path on disk. */
  pathCharacters: 4096,
  /** Rank processes of one run. */
  maxWorkers: 1024,
  /** Checkpoints that a run keeps. */
  maxKeptCheckpoints: 1000,
  /** Bytes of one frame between the supervisor and a rank. */
  frameBytes: 64 * 1024 * 1024,
} as const;

/** Names of nodes, inputs and runs: a letter, then up to 63 letters, digits, `_` or `-`. */
export const namePattern = /^[A-Za-z][A-Za-z0-9_-]{0,63}$/;
