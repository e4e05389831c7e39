import type { KernelCall, LaneProgram } from '../autograd/program.js';

/** A call with the activation that runs in the same kernel, or ''. */
export interface FusedCall extends KernelCall {
  readonly activation: string;
}

const fusible: Record<string, string> = { 'relu.forward': 'relu', 'tanh.forward': 'tanh' };

/**
 * Joins calls that one kernel can do: an activation behind a convolution or linear kernel, ReLU behind batch norm
 * (forward and gradient), and the loss gradient with the log-softmax gradient. A value that anyone else reads stays.
 */
export function fuse(program: LaneProgram): { calls: FusedCall[]; forwardCalls: number } {
  const readers = new Map<number, KernelCall[]>();
  for (const call of program.calls) {
    for (const id of Object.values(call.inputs)) readers.set(id, [...(readers.get(id) ?? []), call]);
  }
  const onlyReader = (id: number): KernelCall | null => {
    const all = readers.get(id) ?? [];
    return all.length === 1 && id !== program.output ? (all[0] ?? null) : null;
  };
  const dropped = new Set<KernelCall>();
  const replaced = new Map<KernelCall, FusedCall>();

  for (const call of program.calls) {
    if (dropped.has(call)) continue;
    if (call.kernel === 'conv2d.forward' || call.kernel === 'linear.forward') {
      const next = onlyReader(output(call, 'y'));
      const activation = next === null ? undefined : fusible[next.kernel];
      if (next === null || activation === undefined) continue;
      dropped.add(next);
      replaced.set(call, { ...call, outputs: { ...call.outputs, y: output(next, 'y') }, activation });
    } else if (call.kernel === 'batchNorm.forwardTraining') {
      fuseBatchNorm(call);
    } else if (call.kernel === 'nllLoss.grad') {
      const next = onlyReader(output(call, 'dlogProbabilities'));
      if (next?.kernel !== 'logSoftmax.grad') continue;
      dropped.add(call);
      replaced.set(next, {
        ...next,
        kernel: 'logSoftmaxNll.grad',
        inputs: { y: input(next, 'y'), label: input(call, 'label') },
        activation: '',
      });
    }
  }

  function fuseBatchNorm(forward: KernelCall): void {
    const relu = onlyReader(output(forward, 'y'));
    if (relu?.kernel !== 'relu.forward') return;
    const y = output(relu, 'y');
    const reluGrad = (readers.get(y) ?? []).find((call) => call.kernel === 'relu.grad' && call.inputs.y === y);
    const grad = reluGrad === undefined ? null : onlyReader(output(reluGrad, 'dx'));
    if (reluGrad === undefined || grad?.kernel !== 'batchNorm.gradTraining' || grad.node !== forward.node) return;
    dropped.add(relu);
    dropped.add(reluGrad);
    replaced.set(forward, { ...forward, outputs: { ...forward.outputs, y }, activation: 'relu' });
    replaced.set(grad, { ...grad, inputs: { ...grad.inputs, dy: input(reluGrad, 'dy') }, activation: 'relu' });
  }

  const calls: FusedCall[] = [];
  let forwardCalls = 0;
  for (const [index, call] of program.calls.entries()) {
    if (dropped.has(call)) continue;
    calls.push(replaced.get(call) ?? { ...call, activation: '' });
    if (index < program.forwardCalls) forwardCalls += 1;
  }
  return { calls, forwardCalls };
}

export function input(call: KernelCall, role: string): number {
  const id = call.inputs[role];
  if (id === undefined) throw new Error(`${call.kernel} of ${call.node} has no input ${role}`);
  return id;
}

export function output(call: KernelCall, role: string): number {
  const id = call.outputs[role];
  if (id === undefined) throw new Error(`${call.kernel} of ${call.node} has no output ${role}`);
  return id;
}
