import type { Command } from 'commander';
import { reportError } from '../errors/report-error.js';
import { openService } from '../service/open-service.js';
import { followToEnd } from './follow-to-end.js';

export function addWatch(program: Command, done: (exitCode: number) => void): void {
  program
    .command('watch')
    .summary('follow a run of the service to its end')
    .description(
      'Shows states, progress and the loss of a run until it has ended. Ctrl-C ends the watching, not the run.',
    )
    .argument('<run>', 'id of the run')
    .option('--json', 'last line of stdout is one JSON object; progress goes to stderr')
    .addHelpText(
      'after',
      `
Exit codes: 0 the run is completed, 3 it failed, 130 it was cancelled (or Ctrl-C), 4 the service is not reached,
6 not signed in or not allowed.`,
    )
    .action(async (runId: string, options: { json?: boolean }) => done(await watch(runId, options)));
}

async function watch(runId: string, { json = false }: { json?: boolean }): Promise<number> {
  try {
    const client = await openService();
    const run = await client.call('getRun', { params: { runId } });
    return await followToEnd(client, run, { json });
  } catch (error) {
    return reportError(error);
  }
}
