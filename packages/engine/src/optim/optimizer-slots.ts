import type { OptimizerSpec } from '@lockstep/contracts';

/** State that the optimizer keeps for each parameter, in the order in which kernels take it; tensors are named `optimizer/<parameter>/<slot>`. */
export function optimizerSlots(optimizer: OptimizerSpec): readonly ('momentum' | 'm' | 'v')[] {
  if (optimizer.kind === 'adam') return ['m', 'v'];
  return optimizer.momentum === 0 ? [] : ['momentum'];
}
