import { describe, expect, it } from 'vitest';
import { interpretProgram } from '../../src/autograd/interpret-program.js';
import { opCases } from '../../src/ops/op-cases.js';
import { opProgram } from './case-program.js';
import { largestDifference, numericGradient, spreadIndices } from './finite-differences.js';

const placesATensor = 16;

describe.each(Object.entries(opCases))('%s: gradients agree with finite differences', (_op, cases) => {
  it.each(cases.filter((opCase) => opCase.mode !== 'evaluate').map((opCase) => [opCase.title, opCase] as const))(
    '%s',
    (_title, opCase) => {
      const { program, given, context, inputGradients } = opProgram(opCase);
      const dy = given.get('dy') ?? new Float64Array();
      // The scalar is the dot product of y and dy, whose gradient by y is dy.
      const evaluate = (): number => {
        const tensors = interpretProgram(program, given, context, { calls: program.forwardCalls });
        const y = tensors[program.output]?.data ?? new Float64Array();
        return y.reduce((sum, value, index) => sum + value * (dy[index] as number), 0);
      };
      const results = interpretProgram(program, given, context);
      const check = (name: string, gradientId: number): void => {
        const tensor = given.get(name) ?? new Float64Array();
        const places = spreadIndices(tensor.length, placesATensor);
        const analytic = places.map((index) => results[gradientId]?.data[index] as number);
        expect(largestDifference(analytic, numericGradient(evaluate, tensor, places)), name).toBeLessThan(1e-7);
      };
      for (const [index, id] of inputGradients.entries()) check(`x${index}`, id as number);
      for (const { kind, name, id } of program.values) if (kind === 'parameterGradient') check(name, id);
    },
  );
});

it('every case computes finite numbers', () => {
  for (const cases of Object.values(opCases)) {
    for (const opCase of cases) {
      const { program, given, context } = opProgram(opCase);
      const tensors = interpretProgram(program, given, context);
      expect(tensors.every((tensor) => tensor.data.every(Number.isFinite))).toBe(true);
    }
  }
});
