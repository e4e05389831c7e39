import { type GraphSpec, isLockstepError, opNames } from '@lockstep/contracts';
import { expect, it } from 'vitest';
import { buildLaneProgram } from '../autograd/build-lane-program.js';
import { graphToSpec } from '../graph/graph-to-spec.js';
import { estimateMemory } from '../graph/memory.js';
import { philox } from '../random/philox.js';
import { buildGraph } from './build-graph.js';

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** A stream of random choices, the same for the same number. */
class Choices {
  #words: Uint32Array = new Uint32Array(0);
  #next = 0;
  #block = 0;

  constructor(readonly seed: number) {}

  below(count: number): number {
    if (this.#next === this.#words.length) {
      this.#words = philox([this.seed, 0x66757a7a], [this.#block, 0, 0, 0]);
      this.#block += 1;
      this.#next = 0;
    }
    const word = this.#words[this.#next] ?? 0;
    this.#next += 1;
    return word % count;
  }

  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)] as T;
  }
}

const oddValues: Json[] = [
  null,
  true,
  -1,
  0,
  0.5,
  1,
  2,
  3,
  7,
  4096,
  4097,
  2 ** 24,
  2 ** 24 + 1,
  2 ** 31,
  2 ** 53,
  1e308,
  -0,
  '',
  'input',
  'n0',
  'n1',
  '__proto__',
  'constructor',
  'a'.repeat(65),
  'é',
  [],
  [1],
  [3, 3],
  [1, 2, 3, 4, 5, 6, 7],
  [0, 1],
  {},
  { op: 'add' },
];
const fields = [
  'name',
  'op',
  'inputs',
  'outChannels',
  'kernel',
  'stride',
  'padding',
  'bias',
  'outFeatures',
  'shape',
  'rate',
  'epsilon',
  'momentum',
  '__proto__',
  'toString',
];
const sizes = [1, 2, 3, 4, 5, 8, 13, 28];

/** Often a valid graph: a chain with branches that ends in flatten, linear, logSoftmax. */
function randomSpec(choices: Choices): Json {
  const shape =
    choices.below(4) === 0
      ? [choices.pick(sizes)]
      : [choices.pick([1, 2, 3]), choices.pick(sizes), choices.pick(sizes)];
  const nodes: Json[] = [];
  let previous = 'input';
  for (let index = choices.below(5); index > 0; index -= 1) {
    const name = `n${nodes.length}`;
    nodes.push(randomNode(choices, name, previous, nodes.length));
    previous = name;
  }
  nodes.push({ name: 'flat', op: 'flatten', inputs: [previous] });
  nodes.push({ name: 'fc', op: 'linear', inputs: ['flat'], outFeatures: 1 + choices.below(4) });
  nodes.push({ name: 'out', op: 'logSoftmax', inputs: ['fc'] });
  if (choices.below(4) === 0) nodes.reverse();
  return { inputs: [{ name: 'input', shape }], nodes, output: 'out' };
}

function randomNode(choices: Choices, name: string, previous: string, count: number): Json {
  const op = choices.pick(opNames);
  const window = {
    kernel: choices.pick([1, 2, 3, 5]),
    stride: choices.pick([1, 2, 3]),
    padding: choices.pick([0, 0, 1, 2]),
  };
  const earlier = count > 0 && choices.below(2) === 0 ? `n${choices.below(count)}` : previous;
  switch (op) {
    case 'conv2d':
      return { name, op, inputs: [previous], outChannels: 1 + choices.below(5), ...window };
    case 'maxPool2d':
    case 'avgPool2d':
      return { name, op, inputs: [previous], ...window };
    case 'linear':
      return { name, op, inputs: [previous], outFeatures: 1 + choices.below(5), bias: choices.below(2) === 0 };
    case 'reshape':
      return { name, op, inputs: [previous], shape: [choices.pick(sizes), choices.pick(sizes)] };
    case 'dropout':
      return { name, op, inputs: [previous], rate: choices.below(10) / 10 };
    case 'add':
      return { name, op, inputs: [previous, earlier] };
    default:
      return { name, op, inputs: [previous] };
  }
}

/** Changes one place of a spec into something odd. */
function mutate(choices: Choices, value: Json): Json {
  if (choices.below(6) === 0 || value === null || typeof value !== 'object') return choices.pick(oddValues);
  if (Array.isArray(value)) {
    const copy = [...value];
    const index = choices.below(copy.length + 1);
    const item = copy[index];
    if (item === undefined || choices.below(8) === 0)
      copy.splice(index, choices.below(2), choices.pick([...copy, ...oddValues]));
    else copy[index] = mutate(choices, item);
    return copy;
  }
  const copy = { ...value };
  const key = choices.below(8) === 0 ? choices.pick(fields) : choices.pick(Object.keys(copy).concat('op'));
  if (choices.below(8) === 0) delete copy[key];
  else
    Object.defineProperty(copy, key, {
      value: mutate(choices, copy[key] ?? null),
      enumerable: true,
      configurable: true,
      writable: true,
    });
  return copy;
}

/** Builds, and if the graph is good, also everything that is derived from it. */
function outcome(spec: Json): 'built' | 'refused' {
  let graph: ReturnType<typeof buildGraph>;
  try {
    graph = buildGraph(spec as unknown as GraphSpec);
  } catch (error) {
    if (isLockstepError(error) && error.message.length > 0) return 'refused';
    throw error;
  }
  const memory = estimateMemory(graph, 4, 64, 2);
  if (!Number.isFinite(memory.total) || memory.total <= 0) throw new Error(`estimate of ${memory.total} bytes`);
  for (const mode of ['train', 'evaluate'] as const) {
    const { values, calls } = buildLaneProgram(graph, { batch: 3, mode });
    if (values.some(({ shape }) => shape.some((size) => !(size >= 1)))) throw new Error('a value without a shape');
    for (const { inputs, outputs } of calls) {
      for (const id of [...Object.values(inputs), ...Object.values(outputs)]) {
        if (values[id] === undefined) throw new Error('a call with an unknown value');
      }
    }
  }
  return 'built';
}

it('100,000 graph specs, valid and mutated: each is built or refused with a LockstepError', () => {
  const counts = { built: 0, refused: 0 };
  for (let seed = 0; seed < 100_000; seed += 1) {
    const choices = new Choices(seed);
    let spec = randomSpec(choices);
    for (let mutations = choices.below(4); mutations > 0; mutations -= 1) spec = mutate(choices, spec);
    try {
      counts[outcome(spec)] += 1;
    } catch (error) {
      throw new Error(`seed ${seed}: ${JSON.stringify(spec)}`, { cause: error });
    }
  }
  // Both sides are well visited, or the test tests nothing.
  expect(counts.built).toBeGreaterThan(10_000);
  expect(counts.refused).toBeGreaterThan(10_000);
}, 60_000);

it('a graph’s own spec builds the same graph again', () => {
  let built = 0;
  for (let seed = 0; seed < 2000; seed += 1) {
    const spec = randomSpec(new Choices(seed)) as unknown as GraphSpec;
    try {
      const graph = buildGraph(spec);
      expect(buildGraph(graphToSpec(graph))).toEqual(graph);
      built += 1;
    } catch (error) {
      if (!isLockstepError(error)) throw error;
    }
  }
  expect(built).toBeGreaterThan(300);
});
