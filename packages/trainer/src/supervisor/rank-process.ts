import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync, rmSync, statSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { type FromRankFrame, fromRankFrameSchema, type LockstepError, type ToRankFrame } from '@lockstep/contracts';
import { FrameChannel } from '../frames/frame-channel.js';

/** The program of a rank, with the native parts. */
export const rankMainPath = fileURLToPath(new URL('../rank/rank-main.js', import.meta.url));

export interface RankProcessOptions {
  rank: number;
  generation: number;
  /** Path of the program that runs a rank. */
  rankMain: string;
  environment: Record<string, string>;
  logs: string;
  now: () => number;
  onFrame: (frame: FromRankFrame) => void;
  /** The process is gone and every frame it sent was delivered. */
  onClosed: (end: RankEnd) => void;
}

export interface RankEnd {
  /** How the process ended, for people: `was killed by SIGKILL`, `ended with exit code 79`. */
  description: string;
  /** It ended by its own fault: an abort, a fault of memory, an exit code nobody asked for. */
  crashed: boolean;
}

const faults: readonly NodeJS.Signals[] = ['SIGABRT', 'SIGSEGV', 'SIGBUS', 'SIGILL', 'SIGFPE', 'SIGTRAP', 'SIGSYS'];

/** One rank process with its pipe. What it prints goes to a log file, which is kept only if there is something in it. */
export class RankProcess {
  readonly rank: number;
  /** When the last frame came. */
  lastSeen: number;
  closed = false;
  readonly whenClosed: Promise<void>;
  private resolveClosed: () => void = () => undefined;
  private readonly child: ChildProcess;
  private readonly channel: FrameChannel<FromRankFrame, ToRankFrame>;
  private readonly log: string;
  private protocolError: LockstepError | null = null;

  constructor(private readonly options: RankProcessOptions) {
    const { rank, generation, rankMain, environment, logs, now } = options;
    this.rank = rank;
    this.whenClosed = new Promise((resolve) => {
      this.resolveClosed = resolve;
    });
    this.lastSeen = now();
    this.log = join(logs, `generation-${generation}-rank-${rank}.log`);
    const log = openSync(this.log, 'a');
    try {
      this.child = spawn(process.execPath, [rankMain, String(generation)], {
        env: environment,
        stdio: ['ignore', log, log, 'pipe'],
      });
    } finally {
      closeSync(log);
    }
    let startError: Error | null = null;
    this.child.on('error', (error) => {
      startError = error;
      // A process that never began has no `close` to wait for.
      if (this.child.pid === undefined) this.end(`could not be started: ${error.message}`, false);
    });
    this.child.on('close', (code, signal) =>
      this.end(startError?.message ?? this.describe(code, signal), this.isCrash(code, signal)),
    );
    this.channel = new FrameChannel({
      stream: this.child.stdio[3] as Duplex,
      incoming: fromRankFrameSchema,
      onFrame: (frame) => {
        if (frame.generation !== generation) return;
        this.lastSeen = now();
        options.onFrame(frame);
      },
      onClose: (error) => {
        this.protocolError = error;
        // A rank without its pipe has ended or is about to; one that broke the protocol is not listened to again.
        if (error) this.kill();
      },
    });
  }

  get pid(): number | null {
    return this.child.pid ?? null;
  }

  send(frame: ToRankFrame): void {
    this.channel.send(frame);
  }

  /** Ends the process at once. A stopped (SIGSTOP) process ends too. */
  kill(): void {
    this.child.kill('SIGKILL');
  }

  private end(description: string, crashed: boolean): void {
    if (this.closed) return;
    this.closed = true;
    this.options.onClosed({ description: `${description}${crashed ? this.lastWords() : ''}`, crashed });
    this.removeEmptyLog();
    this.resolveClosed();
  }

  private describe(code: number | null, signal: NodeJS.Signals | null): string {
    if (this.protocolError) return `was cut off: ${this.protocolError.message}`;
    return signal ? `was killed by ${signal} (${constants.signals[signal]})` : `ended with exit code ${code}`;
  }

  private isCrash(code: number | null, signal: NodeJS.Signals | null): boolean {
    if (this.protocolError) return true;
    return signal ? faults.includes(signal) : code !== 0;
  }

  private lastWords(): string {
    try {
      const lines = readFileSync(this.log, 'utf8').trim().split('\n').slice(-5);
      return lines.join('').trim() === ''
        ? ''
        : `. It printed last:\n${lines.map((line) => `  ${line.slice(0, 300)}`).join('\n')}`;
    } catch {
      return '';
    }
  }

  private removeEmptyLog(): void {
    try {
      if (statSync(this.log).size === 0) rmSync(this.log);
    } catch {
      // The run folder may be gone by now; there is nothing to tidy then.
    }
  }
}
