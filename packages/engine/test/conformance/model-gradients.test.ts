import { describe, expect, it } from 'vitest';
import { interpretProgram } from '../../src/autograd/interpret-program.js';
import { caseData } from './case-data.js';
import { largestDifference, numericGradient, spreadIndices } from './finite-differences.js';
import { type ModelCase, modelCases, modelProgram } from './model-cases.js';

const training = modelCases
  .filter(({ mode }) => mode === 'train')
  .map((modelCase) => [modelCase.title, modelCase] as const);

function run(modelCase: ModelCase) {
  const runnable = modelProgram(modelCase);
  const { program, given, context } = runnable;
  const sums = program.values.find(({ kind }) => kind === 'sums')?.id ?? -1;
  const meanLoss = (tensors: ReadonlyMap<string, Float64Array>): number => {
    const values = interpretProgram(program, tensors, context, { calls: program.forwardCalls });
    return (values[sums]?.data[0] ?? Number.NaN) * context.gradientScale;
  };
  const values = interpretProgram(program, given, context);
  const gradients = program.values
    .filter(({ kind }) => kind === 'parameterGradient')
    .map(({ name, id }) => ({ name, data: values[id]?.data ?? new Float64Array() }));
  return { runnable, meanLoss, gradients };
}

describe('gradients of whole models agree with finite differences of the mean loss', () => {
  it.each(training)('%s: along a direction through all parameters at once', (_title, modelCase) => {
    const { runnable, meanLoss, gradients } = run(modelCase);
    const parameters = modelCase.graph.nodes.flatMap((node) => node.parameters.map(({ name }) => name));
    expect(gradients.map(({ name }) => name).sort()).toEqual([...parameters].sort());
    // The direction changes every parameter by up to 1 in its own way.
    const directions = new Map(gradients.map(({ name, data }) => [name, caseData(`direction/${name}`, data.length)]));
    const lossAt = (distance: number): number => {
      const given = new Map(runnable.given);
      for (const [name, direction] of directions) {
        const start = given.get(name) ?? new Float64Array();
        given.set(
          name,
          start.map((value, index) => value + distance * (direction[index] as number)),
        );
      }
      return meanLoss(given);
    };
    const numeric = (lossAt(1e-7) - lossAt(-1e-7)) / 2e-7;
    const analytic = gradients.reduce((sum, { name, data }) => {
      const direction = directions.get(name) ?? new Float64Array();
      return sum + data.reduce((part, value, index) => part + value * (direction[index] as number), 0);
    }, 0);
    expect(Math.abs(analytic)).toBeGreaterThan(1e-4);
    expect(largestDifference([analytic], [numeric])).toBeLessThan(1e-6);
  });

  it.each(training.filter(([, { graph }]) => graph.nodes.length < 30))('%s: by each parameter', (_title, modelCase) => {
    const { runnable, meanLoss, gradients } = run(modelCase);
    for (const { name, data } of gradients) {
      const tensor = runnable.given.get(name) ?? new Float64Array();
      const places = spreadIndices(tensor.length, 8);
      const analytic = places.map((index) => data[index] as number);
      const numeric = numericGradient(() => meanLoss(runnable.given), tensor, places);
      expect(largestDifference(analytic, numeric), name).toBeLessThan(1e-6);
    }
  });
});

describe('evaluation', () => {
  it.each(
    modelCases.filter(({ mode }) => mode === 'evaluate').map((modelCase) => [modelCase.title, modelCase] as const),
  )('%s: loss only, no dropout, running statistics', (_title, modelCase) => {
    const { program, given, context } = modelProgram(modelCase);
    expect(program.forwardCalls).toBe(program.calls.length);
    const kernels = program.calls.map(({ kernel }) => kernel);
    expect(kernels.filter((kernel) => /dropout|Training|statistics|grad/.test(kernel))).toEqual([]);
    const output = interpretProgram(program, given, context)[program.output];
    const rows = Array.from({ length: modelCase.batch }, (_, row) =>
      output?.data.subarray(row * (output.shape[1] ?? 0), (row + 1) * (output.shape[1] ?? 0)),
    );
    for (const row of rows) expect(row?.reduce((sum, value) => sum + Math.exp(value), 0)).toBeCloseTo(1, 12);
  });
});
