import { type PlanTensor, type ProgramRun, runProgram } from '@lockstep/kernels-native';

export interface KernelTensor {
  shape: number[];
  /** Absent for outputs. */
  values?: Float32Array;
  /** Default: row-major. */
  layout?: string;
}

/** One native kernel alone, on tensors that lie one behind the other in the arena. `label` is the role of labels. */
export function runKernel(
  isa: string,
  kernel: string,
  roles: { inputs: Record<string, KernelTensor>; outputs: Record<string, KernelTensor> },
  options: {
    labels?: number[];
    gradientScale?: number;
    attributes?: ProgramRun['variant']['calls'][0]['attributes'];
  } = {},
): Record<string, Float32Array> {
  // Kernels over rows take their number for the batch; others see values only.
  const shape = Object.values(roles.outputs)[0]?.shape ?? [];
  const batch = shape.length > 1 ? (shape[0] ?? 1) : 1;
  const tensors: PlanTensor[] = [];
  const args: Record<string, number> = {};
  let bytes = 0;
  const place = (role: string, shape: number[], layout: string, size: number): void => {
    args[role] = tensors.length;
    tensors.push({ name: role, shape, layout, region: 'arena', offset: bytes, bytes: size });
    bytes += Math.ceil(size / 256) * 256;
  };
  for (const [role, { shape, layout }] of Object.entries({ ...roles.inputs, ...roles.outputs })) {
    place(
      role,
      shape,
      layout ?? 'abcdef'.slice(0, shape.length),
      4 * shape.reduce((product, size) => product * size, 1),
    );
  }
  const { labels = [] } = options;
  if (labels.length > 0) place('label', [labels.length], 'bytes', labels.length * 4);
  const outputs = Object.keys(roles.outputs);
  const call = { kernel, node: 'node', args, attributes: options.attributes ?? {}, activation: '', scratchBytes: 0 };
  const result = runProgram({
    isa,
    variant: {
      batch,
      mode: 'train',
      tensors,
      prepare: [],
      calls: [{ ...call, implementation: '' }],
      forwardCalls: 1,
      arenaBytes: bytes + 256,
      scratchOffset: bytes,
      input: -1,
      label: args.label ?? -1,
      output: -1,
    },
    inputs: Object.entries(roles.inputs).map(([role, { values }]) => ({
      tensor: args[role] as number,
      values: values ?? new Float32Array(),
    })),
    labels,
    sampleIndices: Array.from({ length: batch }, (_, row) => row),
    outputs: outputs.map((role) => args[role] as number),
    gradientScale: options.gradientScale ?? 1,
    step: 0,
    parametersBytes: 0,
    preparedBytes: 0,
    gradientsBytes: 0,
    buffersBytes: 0,
  });
  return Object.fromEntries(outputs.map((role, index) => [role, result.outputs[index] as Float32Array]));
}
