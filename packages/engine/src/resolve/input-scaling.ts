import type { FilledRunSpec, ResolvedSpec } from '@lockstep/contracts';
import { formatShape } from '../graph/elements.js';
import type { DatasetFacts } from './dataset-facts.js';
import { refuseSpec } from './refuse-spec.js';

/** Float32 reaches 3.4e38 and down to 1.2e-38; sums and quotients of numbers within these bounds stay inside of it. */
const largest = 1e18;
const smallestStd = 1e-18;

/** Mean and standard deviation of every channel: from the spec, else what suits the dataset, else 0 and 1. */
export function inputScaling(input: FilledRunSpec['input'], facts: DatasetFacts): ResolvedSpec['input'] {
  const mean = perChannel('mean', input?.mean ?? facts.defaultInput?.mean ?? 0, facts);
  const std = perChannel('std', input?.std ?? facts.defaultInput?.std ?? 1, facts);
  const badMean = mean.find((value) => !(Math.abs(value) <= largest));
  if (badMean !== undefined) {
    throw refuseSpec('bad-input.input', 'input.mean', {
      expected: `means between -${largest} and ${largest}`,
      got: `${badMean}`,
      fix: 'use the mean of the scaled samples',
    });
  }
  const badStd = std.find((value) => !(value >= smallestStd && value <= largest));
  if (badStd !== undefined) {
    throw refuseSpec('bad-input.input', 'input.std', {
      expected: `standard deviations from ${smallestStd} to ${largest}`,
      got: `${badStd}`,
      fix: 'use the standard deviation of the scaled samples, or 1',
    });
  }
  return { mean, std };
}

function perChannel(field: string, value: number | readonly number[], facts: DatasetFacts): number[] {
  // Samples that are not images have no channels: one number holds for all of their elements.
  const channels = facts.sampleShape.length === 3 ? (facts.sampleShape[0] ?? 1) : 1;
  if (typeof value === 'number') return new Array<number>(channels).fill(value);
  if (value.length === channels) return [...value];
  throw refuseSpec('bad-input.input', `input.${field}`, {
    expected: `one number, or ${channels} for the channels of samples ${formatShape(facts.sampleShape)}`,
    got: `${value.length} numbers`,
    fix: channels === 1 ? 'give one number' : `give one number or ${channels}`,
  });
}
