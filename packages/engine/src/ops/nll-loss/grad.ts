import type { ProgramBuilder } from '../program-builder.js';

/**
 * Appends the loss: sums = [sum of -logProbabilities[label], number of correct samples], in float64.
 * Not an op of graph specs: every lane program ends its forward pass with it.
 */
export function appendNllLoss(builder: ProgramBuilder, node: string, logProbabilities: number): number {
  const label = builder.value('label', 'label', [builder.batch]);
  const sums = builder.value('sums', 'sums', [2]);
  builder.call('nllLoss.forward', node, { logProbabilities, label }, { sums });
  return sums;
}

/** Appends the gradient of loss sum * gradientScale: -gradientScale at each sample's label, else 0; [n, classes]. */
export function appendNllLossGradient(builder: ProgramBuilder, node: string, classes: number): number {
  const label = builder.value('label', 'label', [builder.batch]);
  const dlogProbabilities = builder.activation(`${node}.dy`, [classes]);
  builder.call('nllLoss.grad', node, { label }, { dlogProbabilities });
  return dlogProbabilities;
}
