import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const main = fileURLToPath(new URL('../dist/main.js', import.meta.url));
const rankDouble = fileURLToPath(new URL('../../trainer/test/rank-double.mjs', import.meta.url));

export interface CliOptions {
  cwd: string;
  environment?: Record<string, string>;
  /** Ranks are doubles with these faults; the real ranks otherwise. */
  double?: { faults?: object[]; stepMs?: number };
}

export interface CliEnd {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

/** The command line as a process of its own. */
export class CliProcess {
  readonly child: ChildProcess;
  readonly ended: Promise<CliEnd>;
  private readonly text = { stdout: '', stderr: '' };
  private changed: () => void = () => undefined;

  constructor(args: readonly string[], { cwd, environment = {}, double }: CliOptions) {
    this.child = spawn(process.execPath, [main, ...args], {
      cwd,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        PATH: process.env.PATH,
        HOME: cwd,
        LOCKSTEP_CACHE_DIR: `${cwd}/cache`,
        ...(double
          ? { LOCKSTEP_TEST_RANK_MAIN: rankDouble, LOCKSTEP_DOUBLE: JSON.stringify({ ...double, folder: cwd }) }
          : {}),
        ...environment,
      },
    });
    for (const name of ['stdout', 'stderr'] as const) {
      this.child[name]?.setEncoding('utf8').on('data', (text: string) => {
        this.text[name] += text;
        this.changed();
      });
    }
    this.ended = new Promise((resolve) => {
      this.child.on('close', (code, signal) => resolve({ code, signal, ...this.text }));
    });
  }

  /** Resolves when something in the output matches; rejects when the process ends without it. */
  async says(pattern: RegExp): Promise<void> {
    const seen = new Promise<void>((resolve) => {
      this.changed = () => {
        if (pattern.test(this.text.stdout + this.text.stderr)) resolve();
      };
      this.changed();
    });
    await Promise.race([
      seen,
      this.ended.then((end) => {
        if (!pattern.test(end.stdout + end.stderr)) {
          throw new Error(`expected ${pattern} before the end, got:\n${end.stdout}\n${end.stderr}`);
        }
      }),
    ]);
  }

  /** Process ids of its children. */
  children(): number[] {
    const pid = this.child.pid;
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number);
  }
}

export async function lockstep(args: readonly string[], options: CliOptions): Promise<CliEnd> {
  return new CliProcess(args, options).ended;
}

/** Resolves when none of the processes lives; rejects after the deadline. */
export async function untilGone(pids: readonly number[], deadlineMs: number): Promise<void> {
  const end = performance.now() + deadlineMs;
  while (pids.some(isAlive)) {
    if (performance.now() > end)
      throw new Error(`still alive after ${deadlineMs} ms: ${pids.filter(isAlive).join(', ')}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

export function isAlive(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // A process that ended and was not collected yet is no longer one.
    return stat.slice(stat.lastIndexOf(')') + 2)[0] !== 'Z';
  } catch {
    return false;
  }
}
