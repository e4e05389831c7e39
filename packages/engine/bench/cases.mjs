// What is measured: a case names a model, a batch, lanes, and how ranks and threads share the cores.
const sgd = { kind: 'sgd', learningRate: 0.01, momentum: 0.9 };
const lenet = { model: { preset: 'lenet5' }, shape: [1, 28, 28], optimizer: sgd };
const resnet = { model: { preset: 'resnet20' }, shape: [3, 32, 32], optimizer: sgd };

/** `peer` is a case of tools/peers/pytorch_baseline.py; `ranks` processes with `threads` cores each. */
export const cases = {
  lenet128: { ...lenet, batch: 128, lanes: 8, ranks: 1, threads: 2, samples: 60_000, peer: 'lenet128' },
  lenet12: { ...lenet, batch: 12, lanes: 4, ranks: 1, threads: 2, samples: 60_000, peer: 'lenet12' },
  'lenet128-1core': { ...lenet, batch: 128, lanes: 8, ranks: 1, threads: 1, samples: 60_000 },
  'lenet12-1core': { ...lenet, batch: 12, lanes: 4, ranks: 1, threads: 1, samples: 60_000 },
  'lenet128-2ranks': { ...lenet, batch: 128, lanes: 8, ranks: 2, threads: 1, samples: 60_000, baseline: 'lenet128' },
  resnet20: { ...resnet, batch: 128, lanes: 8, ranks: 1, threads: 2, samples: 2560, peer: 'resnet20' },
  'resnet20-2ranks': { ...resnet, batch: 128, lanes: 8, ranks: 2, threads: 1, samples: 2560, baseline: 'resnet20' },
};
