import type { LayerSpec } from '@lockstep/contracts';
import { buildInfo, describeKernel } from '@lockstep/kernels-native';
import { describe, expect, it } from 'vitest';
import { interpretProgram } from '../../src/autograd/interpret-program.js';
import type { Value } from '../../src/autograd/program.js';
import { layersToGraph } from '../../src/nn/layers-to-graph.js';
import { buildGraph } from '../../src/ops/build-graph.js';
import { opCases } from '../../src/ops/op-cases.js';
import type { ReferenceTensor } from '../../src/ops/reference-kernel.js';
import { opProgram, type RunnableProgram } from './case-program.js';
import { modelCases, modelProgram } from './model-cases.js';
import { errorBound, firstBreak } from './native-bounds.js';
import { planProgram, withoutFusion } from './native-program.js';
import { wideBatchModelCases, wideBatchOpCases } from './wide-batch-cases.js';

/** The reference of a model is the same for its fused and its unfused plan. */
const references = new Map<string, ReferenceTensor[]>();

/**
 * Native kernels against the float64 reference under one ISA. A process keeps its first ISA, so each ISA has a test file of
 * its own. On a processor without it, the file holds that it is refused by name.
 */
export function describeNativeConformance(isa: 'avx512_core' | 'avx2'): void {
  if (!buildInfo().isas.includes(isa)) {
    it(`refuses ${isa} on a processor without it`, () => {
      const request = { kernel: 'linear.forward', activation: '', attributes: {}, shapes: {}, layouts: {} };
      expect(() => describeKernel(isa, request)).toThrow(expect.objectContaining({ code: 'numerics.isa-missing' }));
    });
    return;
  }

  describe.each([...Object.entries(opCases), ['conv2d, wide batches', wideBatchOpCases] as const])(
    `%s under ${isa}`,
    (_op, cases) => {
      it.each(cases.map((opCase) => [opCase.title, opCase] as const))('%s', (_title, opCase) => {
        const runnable = opProgram(opCase);
        const { program, given, context } = runnable;
        const planned = planProgram(runnable, isa);
        const reference = interpretProgram(program, given, context);
        for (const call of program.calls) {
          for (const [role, id] of Object.entries(call.outputs)) {
            const value = program.values[id] as Value;
            if (role === 'workspace') continue; // Which input won: each side says it in its own way, and dx shows it.
            const bound = errorBound(call, role, reference, program.values, context);
            const got = planned.runUpTo(value);
            expect(
              firstBreak(`${call.kernel} ${role}`, got, reference[id]?.data ?? new Float64Array(), bound),
            ).toBeNull();
          }
        }
      });
    },
  );

  describe.each([
    ['fused', (runnable: RunnableProgram) => runnable],
    ['unfused', withoutFusion],
  ])(`whole models, %s, under ${isa}`, (title, change) => {
    it.each([...modelCases, ...wideBatchModelCases].map((modelCase) => [modelCase.title, modelCase] as const))(
      '%s',
      (_title, modelCase) => {
        const original = modelProgram(modelCase);
        const { program, given, context } = original;
        const planned = planProgram(change(original), isa);
        const activations = planned.variant.calls.filter(({ activation }) => activation !== '');
        if (title === 'unfused') expect(activations).toEqual([]);
        const reference = references.get(modelCase.title) ?? interpretProgram(program, given, context);
        references.set(modelCase.title, reference);
        const kept: Value['kind'][] = ['parameterGradient', 'statistic'];
        const wanted = program.values.filter(({ kind, id }) => kept.includes(kind) || id === program.output);
        const { tensors, sums } = planned.run(wanted);
        const expectedSums = reference[program.values.find(({ kind }) => kind === 'sums')?.id ?? -1]?.data ?? [];
        // Rounding of a layer's inputs is passed on to the next: errors are measured by the largest value of the tensor. They
        // grow with depth: the worst seen are 1.2e-6 in LeNet-5 and 4.2e-6 through the 20 layers and batch norms of ResNet-20.
        const allowed = modelCase.graph.nodes.length > 30 ? 5e-5 : 1e-5;
        expect(Math.abs((sums[0] ?? 0) - (expectedSums[0] ?? 0)) / Math.max(1, expectedSums[0] ?? 0)).toBeLessThan(
          allowed,
        );
        expect(sums[1]).toBe(expectedSums[1]);
        // By node: the gradient of a bias ahead of batch norm is 0, a sum of terms as large as the weights', which cancel.
        const scaleOf = (value: Value): string => `${value.kind} ${value.name.replace(/\.[^.]*$/, '')}`;
        const scales = new Map<string, number>();
        for (const value of wanted) {
          const largest = (reference[value.id]?.data ?? new Float64Array()).reduce(
            (most, v) => Math.max(most, Math.abs(v)),
            0,
          );
          scales.set(scaleOf(value), Math.max(largest, scales.get(scaleOf(value)) ?? 0));
        }
        for (const [position, value] of wanted.entries()) {
          const { id, name } = value;
          const data = reference[id]?.data ?? new Float64Array();
          const bound = data.map(() => allowed * (scales.get(scaleOf(value)) ?? 0));
          expect(firstBreak(name, tensors[position] ?? [], data, bound)).toBeNull();
        }
      },
    );
  });

  // Row 1 of the batch gets a value that is not finite; the loss, a sum over rows, must not be finite either. A kernel that
  // writes max(x, 0) by the processor's maximum turns NaN into 0, and a diverging run would look healthy.
  describe.each([
    ['fused', (runnable: RunnableProgram) => runnable],
    ['unfused', withoutFusion],
  ])(`what is not finite reaches the loss, %s, under ${isa}`, (_fusion, change) => {
    describe.each(passages)('through $title', ({ layers, shape }) => {
      const graph = buildGraph(layersToGraph(layers, shape));
      it.each([
        ['train', Number.NaN, 3],
        ['train', Number.NaN, 1],
        ['evaluate', Number.NaN, 3],
      ] as const)('%s, %d, batch %d', (mode, poison, batch) => {
        const original = modelProgram({ title: '', graph, batch, mode });
        const given = new Map([...original.given].map(([name, values]) => [name, values.slice()]));
        const input = given.get('input') ?? new Float64Array();
        input[input.length - 1 - Math.floor(input.length / batch / 2)] = poison;
        const { sums } = planProgram(change({ ...original, given }), isa).run([]);
        expect(sums[0]).toBeNaN();
      });
    });
  });
}

const passages: readonly { title: string; shape: number[]; layers: LayerSpec[] }[] = [
  {
    title: 'convolution and relu',
    shape: [2, 5, 5],
    layers: [{ op: 'conv2d', outChannels: 3, kernel: 3 }, { op: 'relu' }],
  },
  {
    title: 'wide convolution and relu',
    shape: [16, 4, 4],
    layers: [{ op: 'conv2d', outChannels: 16, kernel: 3, padding: 1 }, { op: 'relu' }],
  },
  {
    title: 'convolution and tanh',
    shape: [2, 5, 5],
    layers: [{ op: 'conv2d', outChannels: 3, kernel: 3 }, { op: 'tanh' }],
  },
  {
    title: 'linear and relu',
    shape: [1, 3, 3],
    layers: [{ op: 'flatten' }, { op: 'linear', outFeatures: 20 }, { op: 'relu' }],
  },
  {
    title: 'linear and tanh',
    shape: [1, 3, 3],
    layers: [{ op: 'flatten' }, { op: 'linear', outFeatures: 5 }, { op: 'tanh' }],
  },
  { title: 'batch norm and relu', shape: [2, 4, 4], layers: [{ op: 'batchNorm' }, { op: 'relu' }] },
  {
    title: 'batch norm over features and relu',
    shape: [1, 3, 3],
    layers: [{ op: 'flatten' }, { op: 'linear', outFeatures: 5 }, { op: 'batchNorm' }, { op: 'relu' }],
  },
  { title: 'relu alone', shape: [2, 4, 4], layers: [{ op: 'avgPool2d', kernel: 2 }, { op: 'relu' }] },
  { title: 'sigmoid', shape: [2, 4, 4], layers: [{ op: 'sigmoid' }] },
  { title: 'average pooling', shape: [2, 4, 4], layers: [{ op: 'avgPool2d', kernel: 2 }] },
  { title: 'add', shape: [2, 4, 4], layers: [{ name: 'twice', op: 'add', inputs: ['input', 'input'] }] },
].map(({ title, shape, layers }) => ({
  title,
  shape,
  layers: [...layers, { op: 'flatten' }, { op: 'linear', outFeatures: 3 }] as LayerSpec[],
}));
