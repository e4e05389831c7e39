import type { GraphNodeSpec, GraphSpec } from '@lockstep/contracts';
import type { Graph, GraphNode } from './types.js';

/** The spec of a graph with every attribute explicit and nodes in execution order; building it gives the same graph. */
export function graphToSpec(graph: Graph): GraphSpec {
  return {
    inputs: graph.inputs.map(({ name, shape }) => ({ name, shape: [...shape] })),
    nodes: graph.nodes.map(nodeToSpec),
    output: graph.output,
  };
}

function nodeToSpec({ name, op, inputs, attributes }: GraphNode): GraphNodeSpec {
  const explicit = Object.entries(attributes).map(([key, value]): [string, unknown] => {
    if (key === 'bias') return [key, value === 1];
    return [key, typeof value === 'object' ? [...value] : value];
  });
  return { name, op, inputs: [...inputs], ...Object.fromEntries(explicit) } as GraphNodeSpec;
}
