import type { ResolvedSpec } from '@lockstep/contracts';
import type { RunSummary } from '@lockstep/trainer';
import { grouped, percent, significant } from './numbers.js';

/** The one JSON object of `train --json`: these fields, in this order. */
export function summaryLine(summary: RunSummary): string {
  const { state, reason, testAccuracy, testLoss, weightsDigest, stateDigest } = summary;
  const { workers, lanes, steps, samplesPerSecond, secondsToFirstStep, runDir } = summary;
  return JSON.stringify({
    state,
    reason,
    testAccuracy,
    testLoss,
    weightsDigest,
    stateDigest,
    workers,
    lanes,
    steps,
    samplesPerSecond,
    secondsToFirstStep,
    runDir,
  });
}

/** How a run ended, for people. */
export function summaryText(summary: RunSummary, spec: ResolvedSpec): string {
  const rows: [string, string][] = [
    ['state', summary.reason === 'all-epochs' ? summary.state : `${summary.state} (${summary.reason})`],
  ];
  if (summary.testAccuracy !== null) rows.push(['test accuracy', percent(summary.testAccuracy)]);
  if (summary.testLoss !== null) rows.push(['test loss', significant(summary.testLoss)]);
  const total = Math.ceil(spec.data.trainSamples / spec.training.batchSize) * spec.training.epochs;
  rows.push(['steps', `${grouped(summary.steps)} of ${grouped(total)}`]);
  if (summary.samplesPerSecond !== null) rows.push(['speed', `${grouped(summary.samplesPerSecond)} images/s`]);
  if (summary.weightsDigest !== null) rows.push(['weights digest', summary.weightsDigest]);
  if (summary.stateDigest !== null) rows.push(['state digest', summary.stateDigest]);
  rows.push(['run folder', summary.runDir]);
  const text = rows.map(([name, value]) => `${name.padEnd(16)}${value}`).join('\n');
  const canGoOn = ['user', 'rank-lost', 'infrastructure', 'numeric-class'].includes(summary.reason);
  return canGoOn ? `${text}\nContinue it with: lockstep train --resume ${summary.runDir}` : text;
}
