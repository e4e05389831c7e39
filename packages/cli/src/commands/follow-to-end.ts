import { exitCodes, type RunDetail } from '@lockstep/contracts';
import { LiveLine } from '../output/live-line.js';
import { exitCodeOfRun, runLine, runText } from '../output/run-summary.js';
import { RunView } from '../output/run-view.js';
import type { ServiceClient } from '../service/client.js';
import { followRun } from '../service/follow-run.js';

/** Shows a run until it has ended, prints its result, gives the exit code. Ctrl-C ends the watching, not the run. */
export async function followToEnd(client: ServiceClient, run: RunDetail, { json }: { json: boolean }): Promise<number> {
  const stream = json ? process.stderr : process.stdout;
  const view = new RunView(run);
  const live = new LiveLine(
    stream,
    // Bars are for eyes, not for a log.
    (width) => view.line(width, stream.isTTY === true),
    () => performance.now(),
  );
  let said: string | null = null;
  const ending = new AbortController();
  const onSignal = (): void => ending.abort();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, onSignal);
  try {
    const onBreak = (): void => view.broken().forEach((line) => void live.print(line));
    for await (const event of followRun(client, run.id, { signal: ending.signal, onBreak })) {
      for (const line of view.take(event)) live.print(line);
      if (event.type === 'metrics') live.update();
      // The stream has the code of why a run waits; the run has the sentence.
      if (event.type === 'state' && event.state === 'queued' && event.reason !== null) {
        const { waitingFor } = await client.call('getRun', { params: { runId: run.id } });
        if (waitingFor !== null && waitingFor !== said) live.print(waitingFor);
        said = waitingFor;
      }
    }
    live.end();
    if (ending.signal.aborted) {
      process.stderr.write(`The run goes on. Watch it with: lockstep watch ${run.id}\n`);
      return exitCodes.cancelled;
    }
    const ended = await client.call('getRun', { params: { runId: run.id } });
    process.stdout.write(`${json ? runLine(ended) : runText(ended)}\n`);
    return exitCodeOfRun(ended);
  } finally {
    live.end();
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, onSignal);
  }
}
