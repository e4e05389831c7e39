import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { buildInfo, describeKernel } from '@lockstep/kernels-native';
import { describe, expect, it } from 'vitest';
import { philox } from '../../src/random/philox.js';
import { runKernel } from './run-kernel.js';
import { floatsBetween, ulpError, worstError } from './ulp.js';

type Arrays = Record<string, Float32Array>;

const goldenFile = fileURLToPath(new URL('../golden/own-kernels.json', import.meta.url));

/** Exact, denormals read and written as zero as lanes do. */
const flushed = (f: (x: number) => number) => (x: number) => f(Math.abs(x) < 2 ** -126 ? 0 : x);
const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));

const extremes = [
  ...[
    0,
    1e-45,
    1e-38,
    2 ** -126,
    1e-4,
    0.0004,
    0.5,
    1,
    7.905,
    7.906,
    10,
    86,
    87,
    87.33,
    87.34,
    88,
    88.72,
    88.73,
    89,
    103,
    104,
  ],
  ...[1e3, 1e10, 1e37, 1e38, 1.0000001e38, 3.4028234663852886e38, Number.POSITIVE_INFINITY],
].flatMap((x) => [x, -x]);

/** Values over many magnitudes, the same everywhere. */
function values(stream: number, count: number, spread = 4): Float32Array {
  return Float32Array.from({ length: count }, (_, index) => {
    const [a = 0, b = 0] = philox([stream, 77], [index, 0, 0, 0]);
    return Math.fround((a / 2 ** 31 - 1) * 2 ** ((b % (2 * spread)) - spread));
  });
}

/**
 * What holds of our own kernels whatever the ISA: how exact they are, that the last values of an array see the arithmetic of
 * full vectors, and that the bits are those of the golden file, which is one for all processors.
 */
export function describeOwnKernels(isa: 'avx512_core' | 'avx2'): void {
  if (!buildInfo().isas.includes(isa)) {
    it(`refuses ${isa} on a processor without it`, () => {
      const request = { kernel: 'linear.forward', activation: '', attributes: {}, shapes: {}, layouts: {} };
      expect(() => describeKernel(isa, request)).toThrow(expect.objectContaining({ code: 'numerics.isa-missing' }));
    });
    return;
  }

  const elementwise = (kernel: string, given: Arrays, output: string): Float32Array => {
    const inputs = Object.fromEntries(
      Object.entries(given).map(([role, v]) => [role, { shape: [v.length], values: v }]),
    );
    const length = Object.values(given)[0]?.length ?? 0;
    return runKernel(isa, kernel, { inputs, outputs: { [output]: { shape: [length] } } })[output] as Float32Array;
  };
  const rows = (
    kernel: string,
    classes: number,
    given: Arrays,
    output: string,
    labels: number[] = [],
  ): Float32Array => {
    const count = (Object.values(given)[0]?.length ?? 0) / classes;
    const inputs = Object.fromEntries(
      Object.entries(given).map(([role, v]) => [role, { shape: [count, classes], values: v }]),
    );
    const outputs = { [output]: { shape: [count, classes] } };
    return runKernel(isa, kernel, { inputs, outputs }, { labels })[output] as Float32Array;
  };
  /** exp, as the gradient of the loss shows it: dx = exp(y) * 1, but for the label's column, which is left out. */
  const exponential = (x: Float32Array): Float32Array => {
    const rest = x.length > 50_000 ? exponential(x.subarray(50_000)) : new Float32Array();
    const here = x.subarray(0, 50_000);
    const padded = Float32Array.from({ length: here.length * 2 }, (_, index) =>
      index % 2 === 0 ? 0 : (here[index >> 1] as number),
    );
    const labels = new Array<number>(here.length).fill(0);
    const dx = rows('logSoftmaxNll.grad', 2, { y: padded }, 'dx', labels).filter((_, index) => index % 2 === 1);
    return Float32Array.from([...dx, ...rest]);
  };
  const tanh = (x: Float32Array) => elementwise('tanh.forward', { x }, 'y');
  const logistic = (x: Float32Array) => elementwise('sigmoid.forward', { x }, 'y');

  describe(`accuracy under ${isa}, in units in the last place`, () => {
    const wide = floatsBetween(1e-37, 3e38, 20_011);
    const near = floatsBetween(1e-3, 100, 1_009);
    it.each([
      ['exp', exponential, Math.exp, 1],
      ['tanh', tanh, Math.tanh, 4.5],
      ['sigmoid', logistic, sigmoid, 2.5],
    ] as const)('%s', (_name, kernel, exact, allowed) => {
      for (const x of [wide, near]) {
        const worst = worstError(x, kernel(x), flushed(exact));
        expect(worst.ulp, `at ${worst.x}: ${worst.got}`).toBeLessThanOrEqual(allowed);
      }
    });

    it.each([
      ['exp', exponential, Math.exp, 1],
      ['tanh', tanh, Math.tanh, 4.5],
      ['sigmoid', logistic, sigmoid, 2.5],
    ] as const)('%s at the ends of its range, for infinities and NaN', (_name, kernel, exact, allowed) => {
      const x = Float32Array.from([...extremes, Number.NaN]);
      for (const [index, got] of kernel(x).entries()) {
        const input = x[index] as number;
        expect(ulpError(got, Math.fround(flushed(exact)(input))), `${input} gives ${got}`).toBeLessThanOrEqual(allowed);
      }
    });

    it('log-softmax: absolute error within 2 roundings of the largest number that takes part', () => {
      for (const classes of [1, 2, 3, 10, 15, 16, 17, 31, 32, 33, 1000]) {
        for (const [stream, spread] of [
          [classes, 1],
          [classes + 5000, 6],
        ] as const) {
          const x = values(stream, classes * 3, spread);
          const y = rows('logSoftmax.forward', classes, { x }, 'y');
          for (let row = 0; row < 3; row += 1) {
            const logits = [...x.subarray(row * classes, (row + 1) * classes)];
            const largest = Math.max(...logits);
            const shift = largest + Math.log(logits.reduce((sum, value) => sum + Math.exp(value - largest), 0));
            for (const [c, value] of logits.entries()) {
              const scale = Math.max(Math.abs(largest), Math.abs(shift), Math.abs(value - shift), 2 ** -126);
              const got = y[row * classes + c] as number;
              expect(Math.abs(got - (value - shift)) / scale).toBeLessThan(2.5 * 2 ** -23);
            }
          }
        }
      }
    });

    it('log-softmax keeps extreme rows finite, and says NaN for rows that are not', () => {
      const finite = rows(
        'logSoftmax.forward',
        3,
        { x: Float32Array.of(3e38, 0, -3e37, -1e30, -1e30, -1e30, 0, 200, 0) },
        'y',
      );
      expect([...finite.slice(0, 3)]).toEqual([0, Math.fround(-3e38), Math.fround(-3.3e38)]);
      for (const value of finite.slice(3, 6)) expect(Math.abs(value)).toBeLessThan(1e24);
      expect([...finite.slice(6)]).toEqual([-200, 0, -200]);
      for (const poison of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
        const y = rows('logSoftmax.forward', 3, { x: Float32Array.of(1, poison, 2, 1, 2, 3) }, 'y');
        expect(y.slice(0, 3).every(Number.isNaN)).toBe(true);
        expect(y.slice(3).every(Number.isFinite)).toBe(true);
      }
    });

    it('relu and its gradient choose, they do not compute', () => {
      const x = Float32Array.of(-1, 0, 2, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY);
      expect([...elementwise('relu.forward', { x }, 'y')]).toEqual([0, 0, 2, Number.NaN, Number.POSITIVE_INFINITY, 0]);
      const dx = elementwise(
        'relu.grad',
        { y: Float32Array.of(0, 3, 0, 1), dy: Float32Array.of(5, 6, Number.NaN, 7) },
        'dx',
      );
      expect([...dx]).toEqual([0, 6, 0, 7]);
    });
  });

  describe(`arrays of 1 to 33 values under ${isa}`, () => {
    const long = Object.fromEntries(['x', 'y', 'dy', 'a', 'b'].map((role, index) => [role, values(index + 1, 64)]));
    long.y = (long.y as Float32Array).map((value) => Math.fround(Math.tanh(value)));
    it.each([
      ['add.forward', ['a', 'b'], 'y'],
      ['relu.forward', ['x'], 'y'],
      ['relu.grad', ['y', 'dy'], 'dx'],
      ['tanh.forward', ['x'], 'y'],
      ['tanh.grad', ['y', 'dy'], 'dx'],
      ['sigmoid.forward', ['x'], 'y'],
      ['sigmoid.grad', ['y', 'dy'], 'dx'],
    ] as const)('%s gives each value the same bits as in a long array', (kernel, inputs, output) => {
      const at = (from: number, length: number): Float32Array => {
        const given = Object.fromEntries(
          inputs.map((role) => [role, (long[role] as Float32Array).slice(from, from + length)]),
        );
        return elementwise(kernel, given, output);
      };
      const whole = at(0, 64);
      for (let length = 1; length <= 33; length += 1) {
        expect(at(0, length)).toEqual(whole.slice(0, length));
        expect(at(7, length)).toEqual(whole.slice(7, 7 + length));
      }
    });

    it('log-softmax gives a row the same bits wherever it stands', () => {
      for (let classes = 1; classes <= 33; classes += 1) {
        const x = values(classes, classes * 3);
        const y = rows('logSoftmax.forward', classes, { x }, 'y');
        for (let row = 0; row < 3; row += 1) {
          const alone = rows('logSoftmax.forward', classes, { x: x.slice(row * classes, (row + 1) * classes) }, 'y');
          expect(alone).toEqual(y.slice(row * classes, (row + 1) * classes));
        }
      }
    });
  });

  it(`every own kernel gives the bits of the golden file under ${isa}, as on every processor`, () => {
    const digests: Record<string, string> = {};
    const put = (name: string, result: Float32Array): void => {
      // NaN has many bit patterns; which one comes out is no promise.
      const canonical = result.map((value) => (Number.isNaN(value) ? Number.NaN : value));
      digests[name] = createHash('sha256').update(new Uint8Array(canonical.buffer)).digest('hex').slice(0, 32);
    };
    const x = Float32Array.from([...values(1, 5003, 8), ...extremes]);
    const y = x.map((value) => Math.fround(Math.max(-1, Math.min(1, value))));
    const dy = values(2, x.length);
    put('add.forward', elementwise('add.forward', { a: x, b: dy }, 'y'));
    for (const op of ['relu', 'tanh', 'sigmoid']) {
      put(`${op}.forward`, elementwise(`${op}.forward`, { x }, 'y'));
      put(`${op}.grad`, elementwise(`${op}.grad`, { y, dy }, 'dx'));
    }
    for (const classes of [1, 2, 10, 16, 19, 100]) {
      const logits = values(classes, classes * 7);
      const logProbabilities = rows('logSoftmax.forward', classes, { x: logits }, 'y');
      const gradients = values(classes + 1, classes * 7);
      const labels = Array.from({ length: 7 }, (_, row) => row % classes);
      put(`logSoftmax.forward ${classes}`, logProbabilities);
      put(`logSoftmax.grad ${classes}`, rows('logSoftmax.grad', classes, { y: logProbabilities, dy: gradients }, 'dx'));
      put(`logSoftmaxNll.grad ${classes}`, rows('logSoftmaxNll.grad', classes, { y: logProbabilities }, 'dx', labels));
    }
    if (process.env.LOCKSTEP_UPDATE_GOLDEN === '1') writeFileSync(goldenFile, `${JSON.stringify(digests, null, 2)}\n`);
    expect(digests).toEqual(JSON.parse(readFileSync(goldenFile, 'utf8')));
  });
}
