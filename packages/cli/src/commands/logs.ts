import type { LogLine } from '@lockstep/contracts';
import type { Command } from 'commander';
import { reportError } from '../errors/report-error.js';
import { printable } from '../output/run-view.js';
import { followRun } from '../service/follow-run.js';
import { openService } from '../service/open-service.js';

interface LogsOptions {
  follow?: boolean;
  json?: boolean;
}

export function addLogs(program: Command, done: (exitCode: number) => void): void {
  program
    .command('logs')
    .summary('print the log of a run of the service')
    .description('Prints the log lines of a run, oldest first.')
    .argument('<run>', 'id of the run')
    .option('-f, --follow', 'go on until the run has ended')
    .option('--json', 'one JSON object a line')
    .action(async (runId: string, options: LogsOptions) => done(await logs(runId, options)));
}

async function logs(runId: string, { follow = false, json = false }: LogsOptions): Promise<number> {
  let count = 0;
  const print = (line: LogLine): void => {
    count += 1;
    process.stdout.write(`${json ? JSON.stringify(line) : asText(line)}\n`);
  };
  try {
    const client = await openService();
    if (follow) {
      for await (const event of followRun(client, runId)) if (event.type === 'logs') event.lines.forEach(print);
    } else {
      for (let cursor: string | undefined; ; ) {
        const page = await client.call('getLogs', { params: { runId }, query: { cursor, limit: '1000' } });
        page.items.forEach(print);
        if (page.nextCursor === null) break;
        cursor = page.nextCursor;
      }
    }
    if (count === 0) process.stderr.write('The log has no lines: a rank writes one when something is unusual.\n');
    return 0;
  } catch (error) {
    return reportError(error);
  }
}

function asText({ time, source, level, text }: LogLine): string {
  return `${time} ${source.padEnd(8)} ${level.padEnd(7)} ${printable(text)}`;
}
