import type { LaneProgram } from '../../src/autograd/program.js';
import { elementCount } from '../../src/graph/elements.js';
import type { GraphNode } from '../../src/graph/types.js';
import { inferLayer } from '../../src/ops/infer-layer.js';
import type { OpCase } from '../../src/ops/op-case.js';
import { opGradients } from '../../src/ops/op-gradients.js';
import { ProgramBuilder } from '../../src/ops/program-builder.js';
import type { KernelContext } from '../../src/ops/reference-kernel.js';
import { caseData } from './case-data.js';

/** A program with everything it needs to run, for the reference interpreter and for native execution alike. */
export interface RunnableProgram {
  readonly program: LaneProgram;
  /** Values of kind input, label, parameter and buffer, by name. Every number is a float32. */
  readonly given: ReadonlyMap<string, Float64Array>;
  readonly context: KernelContext;
}

export interface OpProgram extends RunnableProgram {
  /** Ids of the gradients of the inputs x0, x1 …; null in evaluation. */
  readonly inputGradients: readonly (number | null)[];
}

/**
 * One op alone: inputs x0, x1 …, its forward calls, then (in training) its gradient calls from a given dy, with every
 * gradient wanted. `dy` is a value of kind input, [n, ...output].
 */
export function opProgram(opCase: OpCase): OpProgram {
  const mode = opCase.mode ?? 'train';
  const node = nodeOf(opCase);
  const builder = new ProgramBuilder(opCase.batch, mode);
  const inputs = opCase.inputs.map((shape, index) => builder.value('input', `x${index}`, [opCase.batch, ...shape]));
  const op = opGradients[opCase.layer.op];
  const { y, saved } = op.forward(builder, node, inputs);
  const forwardCalls = builder.calls.length;
  let inputGradients: (number | null)[] = inputs.map(() => null);
  if (mode === 'train') {
    const dy = builder.value('input', 'dy', [opCase.batch, ...node.shape]);
    const wanted = inputs.map(() => true);
    inputGradients = op.backward(builder, node, dy, saved, wanted);
  }
  const program: LaneProgram = {
    batch: opCase.batch,
    mode,
    values: builder.values,
    calls: builder.calls,
    forwardCalls,
    output: y,
    nodeValues: [y],
  };
  return { program, given: givenTensors(program, 0), context: caseContext(opCase.batch), inputGradients };
}

/** Deterministic tensors for everything that the program does not compute; labels lie in [0, classes). */
export function givenTensors(program: LaneProgram, classes: number): Map<string, Float64Array> {
  const given = new Map<string, Float64Array>();
  for (const { kind, name, shape } of program.values) {
    const count = elementCount(shape);
    if (kind === 'label')
      given.set(
        name,
        caseData(name, count).map((value) => Math.floor(((value + 1) / 2) * classes)),
      );
    if (kind === 'input') given.set(name, caseData(name, count));
    if (kind === 'parameter')
      given.set(
        name,
        caseData(name, count).map((value) => Math.fround(value * 0.5)),
      );
    if (kind === 'buffer') {
      // Variances are positive.
      const isVariance = name.endsWith('Variance');
      given.set(
        name,
        caseData(name, count).map((value) => (isVariance ? Math.fround(value + 1.5) : value)),
      );
    }
  }
  return given;
}

/** A context whose sample indices are neither consecutive nor sorted, one of them above 2^32. */
export function caseContext(batch: number): KernelContext {
  const sampleIndices = Array.from({ length: batch }, (_, row) => (row === 1 ? 2 ** 32 + 5 : (row * 7919 + 13) % 4999));
  return { gradientScale: 1 / batch, step: 17, sampleIndices, seed: 42 };
}

function nodeOf(opCase: OpCase): GraphNode {
  const inputs = opCase.inputs.map((_, index) => `x${index}`);
  const inferred = inferLayer(opCase.layer, ...opCase.inputs);
  return { name: 'node', op: opCase.layer.op, inputs, inputShapes: opCase.inputs, ...inferred };
}
