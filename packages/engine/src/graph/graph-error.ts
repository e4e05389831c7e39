import { LockstepError } from '@lockstep/contracts';

/** The one form of a refusal: what was expected, what came, what to do. */
export interface Refusal {
  readonly expected: string;
  readonly got: string;
  readonly fix: string;
}

/** A refusal that names the node and its op: `conv1 (conv2d): expected …, got …. Fix: ….` */
export function refuseNode(node: { readonly name: string; readonly op: string }, refusal: Refusal): LockstepError {
  return new LockstepError('bad-input.graph', sentence(`${node.name} (${node.op})`, refusal), { node: node.name });
}

/** A refusal about the graph as a whole. */
export function refuseGraph(refusal: Refusal): LockstepError {
  return new LockstepError('bad-input.graph', sentence('graph', refusal));
}

function sentence(about: string, { expected, got, fix }: Refusal): string {
  return `${about}: expected ${expected}, got ${got}. To fix it, ${fix}.`;
}
