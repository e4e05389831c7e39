import type { GraphNode } from '../graph/types.js';
import type { ProgramBuilder } from './program-builder.js';
import type { Roles } from './program-types.js';

export interface ForwardResult {
  /** Id of the node's result. */
  readonly y: number;
  /** Values of the forward pass that `backward` needs. */
  readonly saved: Roles;
}

/** How an op appears in a lane program. */
export interface OpGradient {
  /** Appends the forward calls; `inputs` are ids in the order of the node's inputs. */
  forward(builder: ProgramBuilder, node: GraphNode, inputs: readonly number[]): ForwardResult;
  /**
   * Appends the gradient calls. `dy` is the gradient of the result. Returns an id for each input, or null where
   * `wanted` is false. Two inputs may get the same id. Parameter gradients are always written.
   */
  backward(
    builder: ProgramBuilder,
    node: GraphNode,
    dy: number,
    saved: Roles,
    wanted: readonly boolean[],
  ): (number | null)[];
}

/** Id of the gradient of the node's input number `index`, named so that it stays unique when an input has more consumers. */
export function inputGradient(builder: ProgramBuilder, node: GraphNode, index = 0): number {
  return builder.activation(`${node.name}.dx${index === 0 ? '' : index}`, node.inputShapes[index] ?? []);
}

/** Reads a saved id; a missing one is a mistake in the op's own forward. */
export function savedId(saved: Roles, role: string): number {
  const id = saved[role];
  if (id === undefined) throw new Error(`the forward pass saved no '${role}'`);
  return id;
}
