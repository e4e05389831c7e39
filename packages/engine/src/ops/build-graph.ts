import { type GraphSpec, parseGraphSpec } from '@lockstep/contracts';
import { inferGraph } from '../graph/infer-graph.js';
import type { Graph } from '../graph/types.js';
import { shapeRules } from './shape-rules.js';

/**
 * Checks a graph spec (structure, then meaning) and infers every shape. Pure: it runs in a browser as well as on a node.
 *
 * @throws LockstepError `bad-input.*` naming the node, what it expected, what it got and how to fix it
 */
export function buildGraph(spec: GraphSpec): Graph {
  return inferGraph(parseGraphSpec(spec), shapeRules);
}
