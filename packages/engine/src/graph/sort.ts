import type { GraphSpec, LockstepError } from '@lockstep/contracts';
import { refuseGraph, refuseNode } from './graph-error.js';

type NodeSpec = GraphSpec['nodes'][number];

/**
 * Nodes in execution order: every node after its inputs, otherwise in the order of the spec, so that a spec that is
 * already in order keeps it. Refuses unknown inputs and cycles.
 */
export function sortNodes(spec: GraphSpec): NodeSpec[] {
  const byName = new Map<string, NodeSpec>(spec.nodes.map((node) => [node.name, node]));
  const graphInputs = new Set(spec.inputs.map((input) => input.name));
  const state = new Map<string, 'open' | 'done'>();
  const sorted: NodeSpec[] = [];
  for (const root of spec.nodes) {
    // An explicit stack: a chain as long as the limit of nodes must not depend on the depth of the call stack.
    const stack = [{ node: root, next: 0 }];
    while (stack.length > 0) {
      const top = stack[stack.length - 1];
      if (top === undefined || state.get(top.node.name) === 'done') {
        stack.pop();
        continue;
      }
      state.set(top.node.name, 'open');
      const inputName = top.node.inputs[top.next];
      if (inputName === undefined) {
        state.set(top.node.name, 'done');
        sorted.push(top.node);
        stack.pop();
        continue;
      }
      top.next += 1;
      if (graphInputs.has(inputName)) continue;
      const input = byName.get(inputName);
      if (input === undefined) throw unknownInput(top.node, inputName, byName, graphInputs);
      if (state.get(inputName) === 'open')
        throw cycle(
          stack.map((entry) => entry.node.name),
          inputName,
        );
      if (state.get(inputName) === undefined) stack.push({ node: input, next: 0 });
    }
  }
  return sorted;
}

function unknownInput(
  node: NodeSpec,
  inputName: string,
  byName: ReadonlyMap<string, NodeSpec>,
  graphInputs: ReadonlySet<string>,
): LockstepError {
  const known = [...graphInputs, ...byName.keys()].filter((name) => name !== node.name);
  const shown = known.slice(0, 8).map((name) => `'${name}'`);
  return refuseNode(node, {
    expected: 'inputs that are names of nodes or of graph inputs',
    got: `'${inputName}'`,
    fix: `use one of ${shown.join(', ')}${known.length > shown.length ? ', …' : ''}`,
  });
}

function cycle(path: readonly string[], repeated: string): LockstepError {
  const loop = [...path.slice(path.indexOf(repeated)), repeated].reverse();
  const shown = loop.length > 8 ? [...loop.slice(0, 7), '…', repeated] : loop;
  return refuseGraph({
    expected: 'nodes without a cycle',
    got: shown.map((name) => `'${name}'`).join(' -> '),
    fix: 'remove one of these inputs; recurrent connections are not supported',
  });
}
