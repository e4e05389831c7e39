import { exitCodes, type Run, type RunDetail } from '@lockstep/contracts';
import { grouped, percent, significant } from './numbers.js';
import { stateText } from './run-view.js';

/** The one JSON object of commands about a run: these fields, in this order. */
export function runLine(run: Run | RunDetail): string {
  const { id, state, reason, result, failure, workers, step, totalSteps, samplesPerSecond, url } = run;
  return JSON.stringify({
    runId: id,
    state,
    reason,
    testAccuracy: result?.testAccuracy ?? null,
    testLoss: result?.testLoss ?? null,
    weightsDigest: result?.weightsDigest ?? null,
    stateDigest: result?.stateDigest ?? null,
    failure,
    workers,
    step,
    totalSteps,
    samplesPerSecond,
    url,
  });
}

/** A run for people. */
export function runText(run: Run | RunDetail): string {
  const { id, state, reason, waitingFor, result, failure, step, totalSteps, url } = run;
  const rows: [string, string][] = [
    ['run', id],
    ['state', stateText(state, reason)],
  ];
  if (waitingFor !== null) rows.push(['why', waitingFor]);
  if (failure !== null) rows.push(['why', failure.message]);
  if (step > 0)
    rows.push(['steps', totalSteps === null ? grouped(step) : `${grouped(step)} of ${grouped(totalSteps)}`]);
  if (result !== null) {
    if (result.testAccuracy !== null) rows.push(['test accuracy', percent(result.testAccuracy)]);
    if (result.testLoss !== null) rows.push(['test loss', significant(result.testLoss)]);
    if (result.weightsDigest !== null) rows.push(['weights digest', result.weightsDigest]);
  }
  rows.push(['page', url]);
  return rows.map(([name, value]) => `${name.padEnd(16)}${value}`).join('\n');
}

/** The exit code of a command that waited for a run. */
export function exitCodeOfRun({ state }: Pick<Run, 'state'>): number {
  if (state === 'failed') return exitCodes.failed;
  return state === 'cancelled' ? exitCodes.cancelled : exitCodes.ok;
}
