import { type Run, runStates } from '@lockstep/contracts';
import { type Command, Option } from 'commander';
import { reportError } from '../errors/report-error.js';
import { grouped, percent } from '../output/numbers.js';
import { stateText } from '../output/run-view.js';
import { table } from '../output/table.js';
import { openService } from '../service/open-service.js';
import { wholeNumber } from './option-parsers.js';

interface RunsOptions {
  project?: string;
  state?: string;
  search?: string;
  limit: number;
  json?: boolean;
}

const pageRows = 200;

export function addRuns(program: Command, done: (exitCode: number) => void): void {
  program
    .command('runs')
    .summary('list runs of the service')
    .description('Lists runs, newest first.')
    .option('-p, --project <slug>', 'runs of one project')
    .addOption(new Option('-s, --state <state>', 'runs in one state').choices(runStates))
    .option('--search <text>', 'part of the name')
    .option('-n, --limit <count>', 'at most so many', wholeNumber('--limit', 1, 100_000), 20)
    .option('--json', 'one JSON object a line')
    .addHelpText(
      'after',
      `
Examples:
  $ lockstep runs --state training
  $ lockstep runs --limit 1000 --json`,
    )
    .action(async (options: RunsOptions) => done(await runs(options)));
}

async function runs({ project, state, search, limit, json }: RunsOptions): Promise<number> {
  try {
    const client = await openService();
    const found: Run[] = [];
    let cursor: string | null = null;
    do {
      const query = {
        project,
        state,
        search,
        limit: `${Math.min(pageRows, limit - found.length)}`,
        ...(cursor === null ? {} : { cursor }),
      };
      const page: { items: Run[]; nextCursor: string | null } = await client.call('listRuns', { query });
      if (json) for (const run of page.items) process.stdout.write(`${JSON.stringify(run)}\n`);
      found.push(...page.items);
      cursor = page.nextCursor;
    } while (cursor !== null && found.length < limit);
    if (json) return 0;
    process.stdout.write(found.length === 0 ? 'no runs\n' : `${asTable(found)}\n`);
    if (cursor !== null) process.stderr.write(`There are more: --limit ${limit * 10}\n`);
    return 0;
  } catch (error) {
    return reportError(error);
  }
}

function asTable(found: readonly Run[]): string {
  return table(
    [
      { title: 'run', align: 'left' },
      { title: 'name', align: 'left' },
      { title: 'project', align: 'left' },
      { title: 'state', align: 'left' },
      { title: 'steps', align: 'right' },
      { title: 'test', align: 'right' },
      { title: 'created', align: 'left' },
    ],
    found.map(({ id, name, project, state, reason, step, totalSteps, result, createdAt }) => [
      id,
      name,
      project,
      stateText(state, reason),
      totalSteps === null ? grouped(step) : `${grouped(step)}/${grouped(totalSteps)}`,
      typeof result?.testAccuracy === 'number' ? percent(result.testAccuracy) : '',
      createdAt.slice(0, 19).replace('T', ' '),
    ]),
  );
}
