import { elementCount } from './elements.js';
import type { Graph, Shape } from './types.js';

export interface LayerRow {
  readonly name: string;
  readonly op: string;
  /** Per sample. */
  readonly outputShape: Shape;
  readonly parameters: number;
  /** Forward, per sample; a multiply-add counts as two. */
  readonly flops: number;
}

/** One row for every node, in execution order. */
export function layerTable(graph: Graph): LayerRow[] {
  return graph.nodes.map(({ name, op, shape, parameters, flops }) => ({
    name,
    op,
    outputShape: shape,
    parameters: parameters.reduce((sum, parameter) => sum + elementCount(parameter.shape), 0),
    flops,
  }));
}
