import type { Command } from 'commander';
import { reportError } from '../errors/report-error.js';
import { runLine, runText } from '../output/run-summary.js';
import { openService } from '../service/open-service.js';

export function addCancel(program: Command, done: (exitCode: number) => void): void {
  program
    .command('cancel')
    .summary('cancel a run of the service')
    .description('Asks a run to take a checkpoint and to end. A run that has ended stays as it is.')
    .argument('<run>', 'id of the run')
    .option('--json', 'print one JSON object')
    .action(async (runId: string, options: { json?: boolean }) => done(await cancel(runId, options)));
}

async function cancel(runId: string, { json = false }: { json?: boolean }): Promise<number> {
  try {
    const run = await (await openService()).call('cancelRun', { params: { runId } });
    process.stdout.write(`${json ? runLine(run) : runText(run)}\n`);
    return 0;
  } catch (error) {
    return reportError(error);
  }
}
