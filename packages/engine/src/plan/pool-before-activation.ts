import type { KernelCall, LaneProgram, Value } from '../autograd/program.js';
import { input, output } from './fuse.js';

/** Activations that never turn the order of two numbers around. */
const monotone = new Set(['relu.forward', 'tanh.forward']);

/**
 * max(f(a), f(b)) = f(max(a, b)) for a monotone f: pools first and activates what is left, a quarter of the values behind
 * a 2×2 window; the gradient likewise. Where f makes different values equal (saturation), the position of the first
 * largest input takes the gradient, which is zero there or shared by definition.
 */
export function poolBeforeActivation(program: LaneProgram): LaneProgram {
  const readers = new Map<number, KernelCall[]>();
  for (const call of program.calls) {
    for (const id of Object.values(call.inputs)) readers.set(id, [...(readers.get(id) ?? []), call]);
  }
  const values: Value[] = [...program.values];
  const replaced = new Map<KernelCall, readonly KernelCall[]>();
  const like = (id: number, name: string): number => {
    const shape = values[id]?.shape ?? [];
    values.push({ id: values.length, name, kind: 'activation', shape });
    return values.length - 1;
  };

  for (const activation of program.calls) {
    if (!monotone.has(activation.kernel)) continue;
    const y = output(activation, 'y');
    const of = readers.get(y) ?? [];
    const pool = of.find((call) => call.kernel === 'maxPool2d.forward');
    const gradient = of.find((call) => call.kernel === activation.kernel.replace('.forward', '.grad'));
    if (pool === undefined || y === program.output || of.length !== (gradient === undefined ? 1 : 2)) continue;
    const pooled = output(pool, 'y');
    const before = like(pooled, `${activation.node}.pooled`);
    const forward = [
      { ...pool, inputs: { x: input(activation, 'x') }, outputs: { ...pool.outputs, y: before } },
      { ...activation, inputs: { x: before }, outputs: { y: pooled } },
    ];
    if (gradient !== undefined) {
      const dy = input(gradient, 'dy');
      const scatter = program.calls.find((call) => call.kernel === 'maxPool2d.gradData' && call.outputs.dx === dy);
      if (scatter === undefined || readers.get(dy)?.length !== 1) continue;
      const small = like(pooled, `${activation.node}.pooled.dx`);
      replaced.set(gradient, []);
      replaced.set(scatter, [
        { ...gradient, inputs: { y: pooled, dy: input(scatter, 'dy') }, outputs: { dx: small } },
        { ...scatter, inputs: { ...scatter.inputs, dy: small }, outputs: { dx: output(gradient, 'dx') } },
      ]);
    }
    replaced.set(activation, []);
    replaced.set(pool, forward);
  }

  const calls = program.calls.flatMap((call) => replaced.get(call) ?? [call]);
  // Two forward calls become two forward calls.
  return { ...program, values, calls };
}
