import type { KernelCall, Value } from '../../src/autograd/program.js';
import { elementCount } from '../../src/graph/elements.js';
import type { KernelContext, ReferenceTensor } from '../../src/ops/reference-kernel.js';
import { references } from '../../src/ops/references.js';

/** Half a unit in the last place of 1 in float32: the largest relative error of one rounding. */
const unit = 2 ** -24;

/**
 * How far a float32 kernel may be from the float64 reference on the same float32 inputs, element by element.
 *
 * - Copies and choices (relu, maximum, reshape) and single operations (add, dropout) have one right float32 answer: 0.
 * - Sums of products (convolution, linear, average, gradients of overlapping windows): n roundings of any order stay within n u / (1 - n u) times the sum of
 *   the absolute products (Higham, "Accuracy and Stability of Numerical Algorithms", 2002, section 3.1). The reference
 *   itself gives that sum, from absolute inputs. Nothing is left to taste.
 * - Functions (tanh, sigmoid, exp): their own error in units in the last place, measured in own-kernels.native.test.ts, and
 *   what it does to the formula around it.
 * - Batch norm divides by a deviation that it computes from the same values: a bound for well-conditioned data, such as
 *   the cases have (values spread over [-1, 1)).
 */
export function errorBound(
  call: KernelCall,
  role: string,
  tensors: readonly ReferenceTensor[],
  values: readonly Value[],
  context: KernelContext,
): Float64Array {
  const target = tensors[call.outputs[role] as number] as ReferenceTensor;
  const zero = () => new Float64Array(target.data.length);
  const each = (bound: (index: number) => number) => zero().map((_, index) => bound(index));
  const given = (name: string): ReferenceTensor => tensors[call.inputs[name] as number] as ReferenceTensor;
  const [op] = call.kernel.split('.');
  switch (op) {
    case 'relu':
    case 'reshape':
    case 'add':
    case 'dropout':
      return zero();
    case 'maxPool2d':
    case 'conv2d':
    case 'linear':
    case 'avgPool2d': {
      if (call.kernel === 'maxPool2d.forward') return zero();
      const roundings = longestSum(call, role, tensors) + 2;
      const sums = onAbsoluteInputs(call, tensors, values, context)[role] as Float64Array;
      return sums.map((sum) => ((roundings * unit) / (1 - roundings * unit)) * sum + 2 ** -126);
    }
    case 'tanh':
    case 'sigmoid':
      if (call.kernel.endsWith('.forward')) return each((index) => 9 * unit * Math.abs(target.data[index] as number));
      // dy (1 - y^2) and dy y (1 - y): the error of y itself counts twice, and 1 - y^2 may cancel.
      return each((index) => 24 * unit * Math.abs(given('dy').data[index] as number));
    case 'logSoftmax': {
      const classes = target.shape[1] as number;
      if (call.kernel.endsWith('.forward')) {
        // x - (largest + log sum): the shift is rounded, then the difference.
        const x = given('x').data;
        return each((index) => {
          const row = Math.floor(index / classes) * classes;
          const largest = Math.max(...x.slice(row, row + classes).map(Math.abs));
          return 8 * unit * (largest + Math.log(classes) + 1);
        });
      }
      const dy = given('dy').data;
      return each((index) => {
        const row = Math.floor(index / classes) * classes;
        const sum = dy.slice(row, row + classes).reduce((total, value) => total + Math.abs(value), 0);
        return (classes / 8 + 12) * unit * sum;
      });
    }
    case 'batchNorm': {
      const largest = target.data.reduce((most, value) => Math.max(most, Math.abs(value)), 1);
      return each(() => 3e-5 * largest);
    }
    default:
      throw new Error(`say how exact ${call.kernel} must be`);
  }
}

/** The kernel on absolute values: for a sum of products, the sum of the absolute products. */
function onAbsoluteInputs(
  call: KernelCall,
  tensors: readonly ReferenceTensor[],
  values: readonly Value[],
  context: KernelContext,
): Record<string, Float64Array> {
  const reference = references.get(call.kernel);
  if (reference === undefined) throw new Error(`no reference for ${call.kernel}`);
  const inputs = Object.fromEntries(
    Object.entries(call.inputs).map(([role, id]) => {
      const { data, shape } = tensors[id] as ReferenceTensor;
      return [role, { data: data.map(Math.abs), shape }];
    }),
  );
  const outputs = Object.fromEntries(
    Object.entries(call.outputs).map(([role, id]) => {
      const { shape } = values[id] as Value;
      return [role, { data: new Float64Array(elementCount(shape)), shape }];
    }),
  );
  reference({ node: call.node, inputs, outputs, attributes: call.attributes, context });
  return Object.fromEntries(Object.entries(outputs).map(([role, { data }]) => [role, data]));
}

/** The most terms that one element of an output sums. */
function longestSum(call: KernelCall, role: string, tensors: readonly ReferenceTensor[]): number {
  const shapeOf = (id: number | undefined): readonly number[] => tensors[id ?? -1]?.shape ?? [1];
  const kernel = call.attributes.kernel;
  const window = typeof kernel === 'object' ? elementCount(kernel) : 1;
  const dy = shapeOf(call.inputs.dy);
  if (/^(avg|max)Pool2d/.test(call.kernel)) return window;
  if (call.kernel === 'conv2d.forward') return elementCount(shapeOf(call.inputs.weight).slice(1)) + 1;
  if (call.kernel === 'conv2d.gradData') return (shapeOf(call.inputs.weight)[0] ?? 1) * window;
  if (call.kernel === 'linear.forward') return (shapeOf(call.inputs.weight)[1] ?? 1) + 1;
  if (call.kernel === 'linear.gradData') return shapeOf(call.inputs.weight)[0] ?? 1;
  // gradWeights: over the samples, and over positions for a convolution.
  return role === 'dweight' || role === 'dbias' ? elementCount([dy[0] ?? 1, ...dy.slice(2)]) : 1;
}

/** The first element that is farther from the reference than its bound, as a sentence; null if there is none. */
export function firstBreak(
  name: string,
  got: ArrayLike<number>,
  reference: Float64Array,
  bound: Float64Array,
): string | null {
  if (got.length !== reference.length) return `${name}: expected ${reference.length} elements, got ${got.length}`;
  for (const [index, expected] of reference.entries()) {
    const value = got[index] as number;
    const allowed = bound[index] as number;
    // The reference is rounded once where there is one right float32 answer.
    const target = allowed === 0 ? Math.fround(expected) : expected;
    if (!(Math.abs(value - target) <= allowed)) {
      return `${name}[${index}]: expected ${target} within ${allowed}, got ${value} (off by ${Math.abs(value - target)})`;
    }
  }
  return null;
}
