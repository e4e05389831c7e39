import { type FilledRunSpec, limits } from '@lockstep/contracts';
import { elementCount, formatShape } from '../graph/elements.js';
import { isPowerOfTwo } from '../graph/lanes.js';
import type { Graph } from '../graph/types.js';
import { learningRate } from '../optim/learning-rate.js';
import type { DatasetFacts } from './dataset-facts.js';
import { refuseSpec } from './refuse-spec.js';

/** Fewer samples than this make batch statistics that are mostly noise. */
const smallestBatchNormLane = 8;
/** The step is a 32-bit word of random counters. */
const mostSteps = 2 ** 31;

/** What the contract allows for the rate itself. */
const largestRate = 1e6;

type Training = FilledRunSpec['training'];

export function requireTraining(training: Training, facts: DatasetFacts): void {
  if (training.batchSize > facts.trainSamples) {
    throw refuseSpec('bad-input.batch-size', 'training.batchSize', {
      expected: `a batch of at most the ${facts.trainSamples} training samples`,
      got: `${training.batchSize}`,
      fix: 'use a smaller batch',
    });
  }
  const steps = training.epochs * Math.ceil(facts.trainSamples / training.batchSize);
  if (steps > mostSteps) {
    throw refuseSpec('bad-input.steps', 'training.epochs', {
      expected: `at most ${mostSteps} steps`,
      got: `${steps}`,
      fix: 'use fewer epochs or a larger batch',
    });
  }
  if (training.earlyStopping !== undefined && facts.validationSamples === 0) {
    throw refuseSpec('bad-input.validation', 'training.earlyStopping', {
      expected: 'a dataset with validation samples for early stopping',
      got: 'none',
      fix: 'add files of validation samples to the folder, or remove earlyStopping',
    });
  }
  requireSchedule(training);
  requireFloat32(training);
}

function requireSchedule({ optimizer, schedule }: Training): void {
  if (schedule.kind !== 'step') return;
  const wrong = schedule.epochs.findIndex((epoch, index) => index > 0 && epoch <= (schedule.epochs[index - 1] ?? 0));
  if (wrong >= 0) {
    throw refuseSpec('bad-input.schedule', `training.schedule.epochs[${wrong}]`, {
      expected: 'epochs in ascending order',
      got: `${schedule.epochs[wrong]} after ${schedule.epochs[wrong - 1]}`,
      fix: 'sort them and name each once',
    });
  }
  const last = learningRate({ optimizer, schedule }, limits.maxEpochs);
  if (last > largestRate) {
    throw refuseSpec('bad-input.schedule', 'training.schedule.factor', {
      expected: `a schedule that keeps the learning rate at or below ${largestRate}`,
      got: `${last} in the end`,
      fix: 'use a factor below 1',
    });
  }
}

/** Training computes in float32, where a number this close to a bound becomes the bound. */
function requireFloat32({ optimizer }: Training): void {
  const belowOne = optimizer.kind === 'sgd' ? { momentum: optimizer.momentum } : pickBetas(optimizer);
  for (const [field, value] of Object.entries(belowOne)) {
    if (Math.fround(value) < 1) continue;
    throw refuseSpec('bad-input.optimizer', `training.optimizer.${field}`, {
      expected: 'a number below 1 in single precision',
      got: `${value}, which rounds to 1`,
      fix: 'use at most 0.999999',
    });
  }
  if (optimizer.kind === 'adam' && Math.fround(optimizer.epsilon) < 1e-30) {
    throw refuseSpec('bad-input.optimizer', 'training.optimizer.epsilon', {
      expected: 'at least 1e-30',
      got: `${optimizer.epsilon}`,
      fix: 'use 1e-8',
    });
  }
}

function pickBetas({ beta1, beta2 }: { readonly beta1: number; readonly beta2: number }) {
  return { beta1, beta2 };
}

export function requireLanes(graph: Graph, lanes: number, batchSize: number): void {
  if (!isPowerOfTwo(lanes)) {
    const below = 2 ** Math.floor(Math.log2(lanes));
    throw refuseSpec('bad-input.lanes', 'lanes', {
      expected: 'a power of two',
      got: `${lanes}`,
      fix: `use ${below} or ${below * 2}`,
    });
  }
  if (lanes > batchSize) {
    throw refuseSpec('bad-input.lanes', 'lanes', {
      expected: `at most one lane for each of the ${batchSize} samples of a batch`,
      got: `${lanes}`,
      fix: 'use fewer lanes or a larger batch',
    });
  }
  const norm = graph.nodes.find((node) => node.op === 'batchNorm');
  const laneSamples = Math.floor(batchSize / lanes);
  if (norm !== undefined && laneSamples < smallestBatchNormLane) {
    throw refuseSpec('bad-input.batch-norm-lane', 'lanes', {
      expected: `at least ${smallestBatchNormLane} samples a lane for the batch norm '${norm.name}'`,
      got: `${laneSamples} (a batch of ${batchSize} over ${lanes} ${lanes === 1 ? 'lane' : 'lanes'})`,
      fix:
        batchSize < smallestBatchNormLane
          ? `use a batch of at least ${smallestBatchNormLane}`
          : `use fewer lanes, or a batch of at least ${smallestBatchNormLane * lanes}`,
    });
  }
}

/** No tensor of a lane may have more elements than 32-bit offsets reach. */
export function requireLaneTensors(graph: Graph, field: string, lanes: number, batch: number): void {
  const samples = Math.ceil(batch / lanes);
  for (const { name, shape } of [...graph.inputs, ...graph.nodes]) {
    const elements = samples * elementCount(shape);
    if (elements <= limits.maxElements) continue;
    throw refuseSpec('bad-input.memory', field, {
      expected: `results of at most ${limits.maxElements} elements a lane`,
      got: `${elements} for '${name}', ${formatShape(shape)} for each of ${samples} samples`,
      fix: 'use a smaller batch, more lanes or smaller layers',
    });
  }
}
