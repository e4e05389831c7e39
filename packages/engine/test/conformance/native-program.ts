import { runProgram } from '@lockstep/kernels-native';
import type { LaneProgram, Value } from '../../src/autograd/program.js';
import { nativeCatalog } from '../../src/backend/native/native-catalog.js';
import { elementCount } from '../../src/graph/elements.js';
import type { Graph } from '../../src/graph/types.js';
import { SharedVectors } from '../../src/plan/parameter-layouts.js';
import type { PlanVariant } from '../../src/plan/plan.js';
import { planVariant, weightLayouts } from '../../src/plan/plan-variant.js';
import { streamKey } from '../../src/random/stream-key.js';
import type { RunnableProgram } from './case-program.js';

/** A lane program planned for the native kernels of one ISA. */
export interface PlannedProgram {
  readonly variant: PlanVariant;
  /** Runs the plan and reads values back by id, as the lane leaves them after its last call. */
  run(values: readonly Value[]): { tensors: Float32Array[]; sums: Float64Array };
  /** Reads one value right behind the call that makes it, before its bytes are used again. */
  runUpTo(value: Value): Float32Array;
}

/**
 * Plans a program as a session would. What a lane does not know (further inputs, a given dy) is handed over as a
 * parameter: a tensor that exists before the first call, in whatever layout a kernel wants.
 */
export function planProgram(runnable: RunnableProgram, isa: string): PlannedProgram {
  const { given, context } = runnable;
  const program = withLaneInputs(runnable.program);
  const catalog = nativeCatalog(isa);
  const shared = new SharedVectors(graphOf(program), weightLayouts(program, catalog), catalog);
  const variant = planVariant(program, shared, catalog, (call) =>
    call.kernel.startsWith('dropout.') ? { key: [...streamKey(context.seed, `dropout/${call.node}`)] } : {},
  );
  const labels = [...(given.get('label') ?? new Float64Array(program.batch))];
  const lane = program.values.find(({ kind }) => kind === 'input')?.name ?? '';
  const inputs = variant.tensors.flatMap(({ name, region }, index) => {
    const isGiven = region === 'parameters' || region === 'prepared' || region === 'buffers' || index === variant.input;
    const values = given.get(index === variant.input ? lane : name);
    // A given tensor under another shape has another name and the same bytes.
    if (!isGiven || values === undefined) return [];
    return [{ tensor: index, values: Float32Array.from(values) }];
  });
  const run = (calls: PlanVariant['calls'], outputs: number[]) =>
    runProgram({
      isa,
      variant: { ...variant, calls, forwardCalls: Math.min(variant.forwardCalls, calls.length) },
      inputs,
      labels,
      sampleIndices: [...context.sampleIndices],
      outputs,
      gradientScale: context.gradientScale,
      step: context.step,
      parametersBytes: shared.parameterElements * 4,
      preparedBytes: shared.preparedBytes,
      gradientsBytes: (shared.parameterElements + shared.statisticElements) * 4,
      buffersBytes: shared.bufferElements * 4,
    });
  return {
    variant,
    run(values) {
      const { outputs, sums } = run(
        variant.calls,
        values.map((value) => tensorOf(variant, value)),
      );
      return { tensors: outputs, sums };
    },
    runUpTo(value) {
      const tensor = tensorOf(variant, value);
      const maker = variant.calls.findIndex(({ args }) => Object.values(args).includes(tensor));
      return run(variant.calls.slice(0, maker + 1), [tensor]).outputs[0] ?? new Float32Array();
    },
  };
}

/**
 * The same program with a second reader of every value that the planner could fuse away: a change of shape, which costs no
 * kernel. What a fused kernel leaves out is then computed by the kernels it stands for.
 */
export function withoutFusion(runnable: RunnableProgram): RunnableProgram {
  const { program } = runnable;
  const values = [...program.values];
  const readers = (calls: LaneProgram['calls']): LaneProgram['calls'] =>
    calls.flatMap((call) => {
      const fusible = /^(conv2d|linear)\.forward$|^batchNorm\.forward|^nllLoss\.grad$|^relu\.grad$/.test(call.kernel);
      const made = call.outputs.y ?? call.outputs.dlogProbabilities ?? call.outputs.dx;
      const source = fusible && made !== undefined ? values[made] : undefined;
      if (source === undefined) return [];
      const y = values.length;
      values.push({ id: y, name: `${source.name}.seen`, kind: 'activation', shape: source.shape });
      return [{ kernel: 'reshape.forward', node: call.node, inputs: { x: source.id }, outputs: { y }, attributes: {} }];
    });
  const forward = program.calls.slice(0, program.forwardCalls);
  const backward = program.calls.slice(program.forwardCalls);
  const calls = [...forward, ...readers(forward), ...backward, ...readers(backward)];
  return {
    ...runnable,
    program: { ...program, values, calls, forwardCalls: forward.length + readers(forward).length },
  };
}

/** Index of the tensor that holds a value where it was made. */
function tensorOf(variant: PlanVariant, { kind, name }: Value): number {
  const isGradient = kind === 'parameterGradient';
  const wanted = isGradient ? `d(${name})` : name;
  const index = variant.tensors.findIndex((t) => t.name === wanted && (!isGradient || t.region === 'gradients'));
  if (index < 0) throw new Error(`the plan has no tensor for ${name}; it may have been fused away`);
  return index;
}

function withLaneInputs(program: LaneProgram): LaneProgram {
  let seen = 0;
  const values = program.values.map((value): Value => {
    if (value.kind !== 'input') return value;
    seen += 1;
    return seen === 1 ? value : { ...value, kind: 'parameter' };
  });
  if (!values.some(({ kind }) => kind === 'label')) {
    values.push({ id: values.length, name: 'label', kind: 'label', shape: [program.batch] });
  }
  return { ...program, values };
}

/** As much of a graph as the shared vectors ask for: who owns which parameters and buffers. */
function graphOf(program: LaneProgram): Graph {
  const named = (kind: Value['kind']) =>
    program.values
      .filter((value) => value.kind === kind)
      .map(({ name, shape }) => ({ name, shape, init: { kind: 'constant', value: 0 } as const }));
  // A training program writes batch<X> and does not read running<X>; a session keeps both.
  const buffers = new Map(named('buffer').map((buffer) => [buffer.name, buffer]));
  for (const buffer of named('statistic')) {
    const name = buffer.name.replace('.batch', '.running');
    buffers.set(name, { ...buffer, name });
  }
  const [input] = program.values.filter(({ kind }) => kind === 'input');
  const node = {
    name: 'node',
    op: 'given',
    inputs: [],
    attributes: {},
    shape: [1],
    inputShapes: [],
    parameters: named('parameter'),
    buffers: [...buffers.values()],
    flops: elementCount([1]),
  };
  return { inputs: [{ name: input?.name ?? 'x0', shape: input?.shape.slice(1) ?? [] }], nodes: [node], output: 'node' };
}
