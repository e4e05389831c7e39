import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ResolvedSpec } from '@lockstep/contracts';
import type { RunEvent } from '../src/supervisor/run-events.js';
import type { RunSummary } from '../src/supervisor/run-summary.js';
import { type SupervisedRun, superviseRun } from '../src/supervisor/supervise-run.js';

/** Something that shall happen to a rank double when it comes to a step (before it) or to a validation batch. */
export interface Fault {
  rank: number;
  generation?: number;
  step?: number;
  batch?: number;
  action: 'kill' | 'stop' | 'abort' | 'exit' | 'hang' | 'garbage' | 'throw' | 'diverge' | 'non-finite';
}

export interface SupervisedOptions {
  spec: ResolvedSpec;
  runDir: string;
  workers?: number;
  faults?: Fault[];
  stepMs?: number;
  /** Real ranks over these shards, in place of doubles. */
  shards?: { train: string; validation: string };
  threads?: number;
  deadlineMs?: number;
  resume?: boolean;
  environment?: Record<string, string>;
  /** Called with every event; may stop the run. */
  onEvent?: (event: RunEvent, run: SupervisedRun) => void;
}

export interface Supervised {
  summary: RunSummary;
  events: RunEvent[];
}

/** A run of real rank processes, with doubles inside or without, from start to end. */
export async function supervised(options: SupervisedOptions): Promise<Supervised> {
  const events: RunEvent[] = [];
  const run: SupervisedRun = superviseRun({
    spec: options.spec,
    requestedText: null,
    runDir: options.runDir,
    resume: options.resume ?? false,
    workers: options.workers ?? 2,
    threads: options.threads ?? 1,
    shards: options.shards ?? { train: null, validation: null },
    deadlineMs: options.deadlineMs ?? 10_000,
    now: () => performance.now(),
    // The tests run from source, rank processes from what was built.
    rankMain: fileURLToPath(
      new URL(options.shards ? '../dist/rank/rank-main.js' : './rank-double.mjs', import.meta.url),
    ),
    environment: {
      LOCKSTEP_DOUBLE: JSON.stringify({
        faults: options.faults ?? [],
        stepMs: options.stepMs ?? 0,
        folder: dirname(options.runDir),
      }),
      ...options.environment,
    },
    onEvent: (event) => {
      events.push(event);
      options.onEvent?.(event, run);
    },
  });
  return { summary: await run.finished, events };
}

/** A folder that is gone when the test is over. */
export async function withRunDir<T>(work: (runDir: string) => Promise<T>): Promise<T> {
  const parent = await mkdtemp(join(tmpdir(), 'lockstep-run-'));
  try {
    return await work(join(parent, 'run'));
  } finally {
    await rm(parent, { recursive: true, force: true });
  }
}
