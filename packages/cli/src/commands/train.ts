import { availableParallelism } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { exitCodeOf, exitCodes, LockstepError, limits } from '@lockstep/contracts';
import { type ResolvedDataset, RunFolder, type RunSummary, resolveDataset, superviseRun } from '@lockstep/trainer';
import type { Command } from 'commander';
import { cacheDir, dataDir, testRank } from '../env.js';
import { reportError, type SourceText } from '../errors/report-error.js';
import { ProgressPrinter } from '../output/progress.js';
import { summaryLine, summaryText } from '../output/summary.js';
import { TrainingView } from '../output/training-view.js';
import { newRunDir } from './new-run-dir.js';
import { secondsOption, wholeNumber } from './option-parsers.js';
import { type LoadedSpec, loadSpec, readSource, requireIsa } from './read-spec.js';
import { StopSignals } from './stop-signals.js';
import { threadsPerWorker } from './threads.js';

interface TrainOptions {
  workers: number;
  lanes?: number;
  threads?: number;
  resume?: string;
  runDir?: string;
  seed?: number;
  json?: boolean;
  deadlineSeconds: number;
}

export function addTrain(program: Command, done: (exitCode: number) => void): void {
  program
    .command('train')
    .summary('train a spec on this machine')
    .description(
      'Trains a spec on this machine, over one or more worker processes. The result does not depend on how many.',
    )
    .argument('[spec]', 'run spec, YAML or JSON; may be left out with --resume')
    .option('-w, --workers <count>', 'worker processes', wholeNumber('--workers', 1, limits.maxWorkers), 1)
    .option(
      '-l, --lanes <count>',
      'lanes, a power of two (part of the spec: changes the result)',
      wholeNumber('--lanes', 1, limits.maxLanes),
    )
    .option(
      '-t, --threads <count>',
      'threads of each worker (default: from cores and lanes)',
      wholeNumber('--threads', 1, limits.maxLanes),
    )
    .option('-r, --resume <dir>', 'continue the run in this folder from its newest checkpoint')
    .option('-d, --run-dir <dir>', 'folder of the new run (default: runs/<name>-<time>)')
    .option('-s, --seed <number>', 'seed, instead of the one in the spec', wholeNumber('--seed', 0, limits.maxSeed))
    .option('--json', 'last line of stdout is one JSON object; progress goes to stderr')
    .option(
      '--deadline-seconds <seconds>',
      'how long a worker may be silent',
      secondsOption('--deadline-seconds', 0.5, 3600),
      30,
    )
    .addHelpText(
      'after',
      `
Examples:
  $ lockstep train examples/lenet5.yaml
  $ lockstep train examples/lenet5.yaml --workers 2 --seed 7
  $ lockstep train examples/lenet5.yaml --workers 2 --json > result.json
  $ lockstep train --resume runs/lenet5-20260101-120000 --workers 4

Ctrl-C writes a checkpoint and stops; a second Ctrl-C stops at once.
Exit codes: 0 done, 2 bad input, 3 the run failed, 4 infrastructure, 5 defect, 130 stopped.`,
    )
    .action(async (spec: string | undefined, options: TrainOptions) => done(await train(spec, options)));
}

async function train(specPath: string | undefined, options: TrainOptions): Promise<number> {
  const stream = options.json ? process.stderr : process.stdout;
  const signals = new StopSignals();
  let source: SourceText | null = null;
  try {
    const log = (line: string): void => {
      stream.write(`${line}\n`);
    };
    if (specPath !== undefined) source = await readSource(specPath);
    const plan =
      options.resume === undefined ? await newRun(source, options, log) : await resumedRun(source, options, log);
    requireIsa(plan.spec.isa);
    const threads = threadsPerWorker({
      workers: options.workers,
      threads: options.threads ?? null,
      lanes: plan.spec.lanes,
      cores: availableParallelism(),
    });
    const summary = await supervise(plan, threads, options, stream, signals);
    if (options.json) process.stdout.write(`${summaryLine(summary)}\n`);
    else process.stdout.write(`${summaryText(summary, plan.spec)}\n`);
    return exitCodeOfRun(summary);
  } catch (error) {
    return reportError(error, source);
  } finally {
    signals.release();
  }
}

interface Plan {
  spec: LoadedSpec['resolved'];
  dataset: ResolvedDataset;
  requestedText: string | null;
  runDir: string;
  resume: boolean;
}

async function newRun(source: SourceText | null, options: TrainOptions, log: (line: string) => void): Promise<Plan> {
  if (source === null) {
    throw new LockstepError(
      'bad-input.spec-file',
      'Expected a run spec, or --resume with a run folder. Try: lockstep train examples/lenet5.yaml',
    );
  }
  const loaded = await loadSpec(source, { seed: options.seed, lanes: options.lanes }, log);
  for (const notice of loaded.notices) log(`note: ${notice}`);
  const runDir = options.runDir === undefined ? await newRunDir(loaded.resolved.name) : resolve(options.runDir);
  return { spec: loaded.resolved, dataset: loaded.dataset, requestedText: source.text, runDir, resume: false };
}

/** A run is continued with the spec it was started with; a spec beside it must say the same. */
async function resumedRun(
  source: SourceText | null,
  options: TrainOptions,
  log: (line: string) => void,
): Promise<Plan> {
  const runDir = resolve(options.resume ?? '.');
  if (options.runDir !== undefined) {
    throw new LockstepError(
      'bad-input.option',
      'Expected --resume or --run-dir, got both. A resumed run stays in its folder.',
    );
  }
  const spec = await new RunFolder(runDir).readSpec();
  if (source !== null) {
    const loaded = await loadSpec(source, { seed: options.seed, lanes: options.lanes }, log);
    requireSameSpec(spec, loaded.resolved, runDir);
    return { spec, dataset: loaded.dataset, requestedText: null, runDir, resume: true };
  }
  if (options.seed !== undefined || options.lanes !== undefined) {
    throw new LockstepError(
      'bad-input.option',
      'A resumed run keeps its seed and lanes. Leave out --seed and --lanes.',
    );
  }
  const requested =
    spec.dataset.kind === 'sample' ? spec.dataset.name : { folder: spec.dataset.path, classes: spec.data.classes };
  const dataset = await resolveDataset(requested, {
    cacheDir: cacheDir(),
    dataDir: dataDir(),
    baseDir: dirname(runDir),
    log,
  });
  if (dataset.facts.version !== spec.data.version) {
    throw new LockstepError(
      'data.changed',
      `The dataset is not the one that ${runDir} was started with (version ${dataset.facts.version.slice(0, 12)} instead of ` +
        `${spec.data.version.slice(0, 12)}). Restore the data, or start a new run.`,
    );
  }
  return { spec, dataset, requestedText: null, runDir, resume: true };
}

function requireSameSpec(ours: object, theirs: object, runDir: string): void {
  const changed = differences(ours, theirs, '');
  if (changed.length === 0) return;
  throw new LockstepError(
    'bad-input.resume',
    `${runDir} was started with another spec: ${changed.slice(0, 5).join('; ')}. Resume it with its own spec ` +
      `(lockstep train --resume ${runDir}), or start a new run.`,
  );
}

function differences(ours: unknown, theirs: unknown, path: string): string[] {
  if (JSON.stringify(ours) === JSON.stringify(theirs)) return [];
  const areMaps = [ours, theirs].every((value) => typeof value === 'object' && value !== null && !Array.isArray(value));
  if (!areMaps) return [`${path} was ${JSON.stringify(ours)}, now it is ${JSON.stringify(theirs)}`];
  const a = ours as Record<string, unknown>;
  const b = theirs as Record<string, unknown>;
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].flatMap((key) =>
    differences(a[key], b[key], path === '' ? key : `${path}.${key}`),
  );
}

async function supervise(
  plan: Plan,
  threads: number,
  options: TrainOptions,
  stream: NodeJS.WriteStream,
  signals: StopSignals,
): Promise<RunSummary> {
  const { spec, dataset, requestedText, runDir, resume } = plan;
  const printer = new ProgressPrinter(stream, new TrainingView(spec), () => performance.now());
  const test = testRank();
  printer.print(
    `${resume ? 'resuming' : 'training'} ${spec.name}: ${describe(spec, options.workers, threads)}, in ${shownPath(runDir)}`,
  );
  const run = superviseRun({
    spec,
    requestedText,
    runDir,
    resume,
    workers: options.workers,
    threads,
    shards: { train: dataset.train.path, validation: dataset.validation.path },
    deadlineMs: Math.round(options.deadlineSeconds * 1000),
    // Since the process began, so that the seconds to the first step are those that a person waited.
    now: () => performance.now(),
    onEvent: (event) => printer.take(event),
    ...(test ?? {}),
  });
  signals.listen(
    () => {
      printer.print('Stopping after a checkpoint. Press Ctrl-C again to stop now.');
      run.stop();
    },
    () => {
      printer.print('Stopping now.');
      run.stopNow();
    },
  );
  try {
    return await run.finished;
  } finally {
    printer.end();
  }
}

function describe(spec: LoadedSpec['resolved'], workers: number, threads: number): string {
  const many = (count: number, word: string): string => `${count} ${word}${count === 1 ? '' : 's'}`;
  return `${many(workers, 'worker')} × ${many(threads, 'thread')}, ${many(spec.lanes, 'lane')}, batch ${spec.training.batchSize}`;
}

function shownPath(path: string): string {
  const here = join(process.cwd(), '/');
  return path.startsWith(here) ? path.slice(here.length) : path;
}

function exitCodeOfRun(summary: RunSummary): number {
  if (summary.failure) {
    process.stderr.write(`error: ${summary.failure.message}\n`);
    return exitCodeOf(summary.failure.code);
  }
  return summary.state === 'cancelled' ? exitCodes.cancelled : exitCodes.ok;
}
