import { type GraphNodeSpec, type GraphSpec, limits } from '@lockstep/contracts';
import { elementCount, formatShape } from './elements.js';
import { refuseGraph, refuseNode } from './graph-error.js';
import type { Inferred, ShapeRule, ShapeRules } from './shape-rule.js';
import { sortNodes } from './sort.js';
import type { Graph, GraphNode, Shape } from './types.js';

/**
 * Checks a graph spec as a whole and infers every shape: unique names, no cycle, arity, each op's rule, limits of
 * sizes, no node without use, and an output of [classes] log-probabilities.
 *
 * @throws LockstepError naming the node, what it expected, what it got and how to fix it.
 */
export function inferGraph(spec: GraphSpec, rules: ShapeRules): Graph {
  requireUniqueNames(spec);
  const shapes = new Map<string, Shape>();
  for (const input of spec.inputs) {
    checkSizes(input.shape, { name: input.name, op: 'input' });
    shapes.set(input.name, input.shape);
  }
  const nodes = sortNodes(spec).map((nodeSpec) => {
    const node = inferNode(nodeSpec, rules, shapes);
    shapes.set(node.name, node.shape);
    return node;
  });
  requireParameterLimit(nodes);
  requireOutput(spec, nodes);
  requireUse(spec, nodes);
  return {
    inputs: spec.inputs.map(({ name, shape }) => ({ name, shape })),
    nodes,
    output: spec.output,
  };
}

function inferNode(nodeSpec: GraphNodeSpec, rules: ShapeRules, shapes: ReadonlyMap<string, Shape>): GraphNode {
  const rule = rules[nodeSpec.op] as ShapeRule;
  if (nodeSpec.inputs.length !== rule.arity) {
    throw refuseNode(nodeSpec, {
      expected: rule.arity === 1 ? 'one input' : `${rule.arity} inputs`,
      got: `${nodeSpec.inputs.length}`,
      fix: rule.arity === 1 ? 'name one; join branches with an add' : `name ${rule.arity}`,
    });
  }
  const inputShapes = nodeSpec.inputs.map((name) => shapes.get(name) ?? []);
  const inferred: Inferred = rule.infer(nodeSpec, inputShapes);
  checkSizes(inferred.shape, nodeSpec);
  for (const tensor of [...inferred.parameters, ...inferred.buffers]) checkSizes(tensor.shape, nodeSpec, tensor.name);
  return {
    name: nodeSpec.name,
    op: nodeSpec.op,
    inputs: [...nodeSpec.inputs],
    inputShapes,
    ...inferred,
  };
}

function checkSizes(shape: Shape, node: { name: string; op: string }, tensor?: string): void {
  const what = tensor === undefined ? 'a result' : `'${tensor}'`;
  if (shape.some((size) => size < 1 || size > limits.maxDimension)) {
    throw refuseNode(node, {
      expected: `${what} with every size from 1 to ${limits.maxDimension}`,
      got: formatShape(shape),
      fix: 'use smaller layers or smaller images',
    });
  }
  if (elementCount(shape) > limits.maxElements) {
    throw refuseNode(node, {
      expected: `${what} of at most ${limits.maxElements} elements`,
      got: `${formatShape(shape)}, ${elementCount(shape)} elements`,
      fix: 'use smaller layers or smaller images',
    });
  }
}

function requireUniqueNames(spec: GraphSpec): void {
  const seen = new Set<string>();
  for (const { name } of [...spec.inputs, ...spec.nodes]) {
    if (seen.has(name)) {
      throw refuseGraph({
        expected: 'every input and node to have its own name',
        got: `'${name}' twice`,
        fix: 'rename one',
      });
    }
    seen.add(name);
  }
}

function requireParameterLimit(nodes: readonly GraphNode[]): void {
  const parameters = nodes.flatMap((node) => node.parameters);
  const total = parameters.reduce((sum, parameter) => sum + elementCount(parameter.shape), 0);
  if (total > limits.maxParameters) {
    throw refuseGraph({
      expected: `at most ${limits.maxParameters} parameters`,
      got: `${total}`,
      fix: 'use smaller layers',
    });
  }
}

function requireOutput(spec: GraphSpec, nodes: readonly GraphNode[]): void {
  const output = nodes.find((node) => node.name === spec.output);
  if (output === undefined) {
    throw refuseGraph({
      expected: "'output' to be the name of a node",
      got: `'${spec.output}'`,
      fix: 'name the logSoftmax node that gives the log-probabilities',
    });
  }
  if (output.op !== 'logSoftmax') {
    throw refuseNode(output, {
      expected: 'the output to be a logSoftmax of shape [classes]',
      got: `a ${output.op} of shape ${formatShape(output.shape)}`,
      fix: 'add a logSoftmax after it and make that the output',
    });
  }
}

/** A node that does not lead to the output would take time and never train, so it is a mistake in the spec. */
function requireUse(spec: GraphSpec, nodes: readonly GraphNode[]): void {
  const used = new Set([spec.output]);
  for (const node of [...nodes].reverse()) {
    if (!used.has(node.name)) {
      throw refuseNode(node, {
        expected: `every node to lead to the output '${spec.output}'`,
        got: 'a node whose result is not used',
        fix: 'remove it or use its result',
      });
    }
    for (const input of node.inputs) used.add(input);
  }
  const unused = spec.inputs.find((input) => !used.has(input.name));
  if (unused !== undefined) {
    throw refuseGraph({
      expected: 'every graph input to be used',
      got: `'${unused.name}' without use`,
      fix: 'remove it or use it as an input of a node',
    });
  }
}
