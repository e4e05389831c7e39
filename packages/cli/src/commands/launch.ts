import { randomUUID } from 'node:crypto';
import { type CreateRunBody, LockstepError, limits } from '@lockstep/contracts';
import type { Command } from 'commander';
import { reportError, type SourceText } from '../errors/report-error.js';
import { runLine, runText } from '../output/run-summary.js';
import type { ServiceClient } from '../service/client.js';
import { openService } from '../service/open-service.js';
import { followToEnd } from './follow-to-end.js';
import { wholeNumber } from './option-parsers.js';
import { readSource } from './read-spec.js';

interface LaunchOptions {
  project?: string;
  experiment?: string;
  name?: string;
  tag: string[];
  workers: number;
  threads: number;
  minimumWorkers?: number;
  watch?: boolean;
  json?: boolean;
}

export function addLaunch(program: Command, done: (exitCode: number) => void): void {
  program
    .command('launch')
    .summary('launch a run on the service')
    .description('Sends a spec to the service, which checks it and trains it on its nodes.')
    .argument('<spec>', 'run spec, YAML or JSON')
    .option('-p, --project <slug>', 'project (default: the only one there is)')
    .option('-e, --experiment <slug>', 'experiment of the project')
    .option('-n, --name <name>', 'name of the run (default: the one in the spec)')
    .option('--tag <tag>', 'tag of the run; may be repeated', (tag: string, tags: string[]) => [...tags, tag], [])
    .option('-w, --workers <count>', 'workers', wholeNumber('--workers', 1, limits.maxWorkers), 1)
    .option('-t, --threads <count>', 'cores of each worker', wholeNumber('--threads', 1, limits.maxLanes), 1)
    .option(
      '--minimum-workers <count>',
      'go on with so many where there are no more; the result is the same',
      wholeNumber('--minimum-workers', 1, limits.maxWorkers),
    )
    .option('--watch', 'follow the run to its end')
    .option('--json', 'last line of stdout is one JSON object; progress goes to stderr')
    .addHelpText(
      'after',
      `
Examples:
  $ lockstep launch examples/lenet5.yaml --workers 2
  $ lockstep launch examples/lenet5.yaml --workers 2 --watch --json > result.json

Exit codes: 0 launched, and with --watch completed; 2 bad input, 3 the run failed, 4 the service is not reached,
6 not signed in or not allowed, 130 the run was cancelled, or Ctrl-C.`,
    )
    .action(async (spec: string, options: LaunchOptions) => done(await launch(spec, options)));
}

async function launch(path: string, options: LaunchOptions): Promise<number> {
  let source: SourceText | null = null;
  try {
    source = await readSource(path);
    const client = await openService();
    const { experiment, name, minimumWorkers } = options;
    const body: CreateRunBody = {
      project: options.project ?? (await onlyProject(client)),
      spec: source.text,
      tags: options.tag,
      workers: options.workers,
      threads: options.threads,
      ...(experiment === undefined ? {} : { experiment }),
      ...(name === undefined ? {} : { name }),
      ...(minimumWorkers === undefined ? {} : { minimumWorkers }),
    };
    // With the key the call can be repeated after a lost answer, and there is still one run.
    const run = await client.call('createRun', { body, headers: { 'idempotency-key': randomUUID() } });
    const json = options.json === true;
    if (!options.watch) {
      process.stdout.write(`${json ? runLine(run) : runText(run)}\n`);
      if (!json) process.stderr.write(`Follow it: lockstep watch ${run.id}\n`);
      return 0;
    }
    (json ? process.stderr : process.stdout).write(`${run.id}  ${run.url}\n`);
    return await followToEnd(client, run, { json });
  } catch (error) {
    return reportError(error, source);
  }
}

async function onlyProject(client: ServiceClient): Promise<string> {
  const { project } = await client.call('getMe');
  if (project !== null) return project;
  const { items } = await client.call('listProjects');
  if (items.length === 1 && items[0] !== undefined) return items[0].slug;
  const known = items.length === 0 ? 'there is none yet' : `there are ${items.map(({ slug }) => slug).join(', ')}`;
  throw new LockstepError('bad-input.option', `--project: expected the project of the run; ${known}.`);
}
