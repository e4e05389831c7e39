import type { OpName } from '@lockstep/contracts';
import type { Graph, GraphNode } from '../graph/types.js';
import { appendNllLoss, appendNllLossGradient } from '../ops/nll-loss/grad.js';
import type { ForwardResult } from '../ops/op-gradient.js';
import { opGradients } from '../ops/op-gradients.js';
import { ProgramBuilder } from '../ops/program-builder.js';
import type { LaneProgram, ProgramMode } from './program.js';

/**
 * The program of one lane: reverse-mode differentiation of the graph at the level of kernels.
 *
 * Gradients that no parameter needs are not computed. The gradients of a value with several consumers are added in
 * execution order of the program, that is, the last consumer's first.
 *
 * @param options.batch samples of the lane's micro-batch, at least 1
 */
export function buildLaneProgram(graph: Graph, options: { batch: number; mode: ProgramMode }): LaneProgram {
  if (!Number.isSafeInteger(options.batch) || options.batch < 1) {
    throw new Error(`a lane program needs a batch of at least one sample, got ${options.batch}`);
  }
  const builder = new ProgramBuilder(options.batch, options.mode);
  const ids = new Map<string, number>();
  for (const { name, shape } of graph.inputs) ids.set(name, builder.value('input', name, [options.batch, ...shape]));
  const forwards = graph.nodes.map((node) => {
    const result = opOf(node).forward(
      builder,
      node,
      node.inputs.map((name) => known(ids, name)),
    );
    ids.set(node.name, result.y);
    return result;
  });
  const output = known(ids, graph.output);
  appendNllLoss(builder, graph.output, output);
  const forwardCalls = builder.calls.length;
  if (options.mode === 'train') appendGradients(builder, graph, forwards);
  return {
    ...options,
    values: builder.values,
    calls: builder.calls,
    forwardCalls,
    output,
    nodeValues: forwards.map(({ y }) => y),
  };
}

function appendGradients(builder: ProgramBuilder, graph: Graph, forwards: readonly ForwardResult[]): void {
  const needed = nodesThatNeedGradients(graph);
  if (!needed.has(graph.output)) return;
  const shapes = new Map(graph.nodes.map((node) => [node.name, node.shape]));
  const gradients = new Map<string, number>();
  const accumulations = new Map<string, number>();
  const accumulate = (name: string, gradient: number): void => {
    const before = gradients.get(name);
    if (before === undefined) {
      gradients.set(name, gradient);
      return;
    }
    const count = (accumulations.get(name) ?? 0) + 1;
    accumulations.set(name, count);
    const y = builder.activation(`${name}.dy${count}`, shapes.get(name) ?? []);
    builder.call('add.forward', name, { a: before, b: gradient }, { y });
    gradients.set(name, y);
  };
  const classes = shapes.get(graph.output)?.[0] ?? 0;
  accumulate(graph.output, appendNllLossGradient(builder, graph.output, classes));
  for (let index = graph.nodes.length - 1; index >= 0; index -= 1) {
    const node = graph.nodes[index];
    const forward = forwards[index];
    if (node === undefined || forward === undefined || !needed.has(node.name)) continue;
    const wanted = node.inputs.map((name) => needed.has(name));
    const dy = known(gradients, node.name);
    const results = opOf(node).backward(builder, node, dy, forward.saved, wanted);
    for (const [position, name] of node.inputs.entries()) {
      const gradient = results[position];
      if (wanted[position] && gradient != null) accumulate(name, gradient);
    }
  }
}

/** Nodes with parameters, and every node that has one of these before it. */
function nodesThatNeedGradients(graph: Graph): ReadonlySet<string> {
  const needed = new Set<string>();
  for (const node of graph.nodes) {
    if (node.parameters.length > 0 || node.inputs.some((name) => needed.has(name))) needed.add(node.name);
  }
  return needed;
}

function opOf(node: GraphNode) {
  return opGradients[node.op as OpName];
}

function known(ids: ReadonlyMap<string, number>, name: string): number {
  const id = ids.get(name);
  if (id === undefined) throw new Error(`no value for '${name}': the graph is not in execution order`);
  return id;
}
