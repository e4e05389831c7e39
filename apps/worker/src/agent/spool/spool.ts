import { type FileHandle, mkdir, open, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RankRef } from '@lockstep/contracts';
import { Backoff } from '../api/backoff.js';
import { NodeApiError } from '../api/node-api-error.js';
import { type NewSpoolEntry, type SpoolEntry, spoolEntrySchema } from './entries.js';

/** Sends one entry. Throws `NodeApiError`. */
export type SendEntry = (ref: RankRef, entry: SpoolEntry, signal: AbortSignal) => Promise<void>;

interface SpoolOptions {
  folder: string;
  ref: RankRef;
  send: SendEntry;
  /** The server refuses this generation: nothing more of it will be taken. */
  onStale: () => void;
  /** An entry that the server will never take. */
  onRefused: (entry: SpoolEntry, error: NodeApiError) => void;
  /** The disk does not take an entry. It is tried again until it does. */
  onDiskTrouble: (error: unknown) => void;
}

interface Span {
  offset: number;
  bytes: number;
}

/**
 * Entries of one rank on disk until the server has taken them, in order. What is sent twice changes nothing there, so
 * that an entry is only forgotten after its answer:
 *
 *     entries.jsonl   one entry a line; a torn last line, left by a kill, is none
 *     acknowledged    bytes of it that the server has
 */
export class Spool {
  private readonly waiting: Span[] = [];
  private end = 0;
  private appending: Promise<void> = Promise.resolve();
  private readonly idle = new Set<() => void>();
  private readonly stopped = new AbortController();
  private sending: Promise<void> | null = null;
  private stale = false;

  private constructor(
    private readonly options: SpoolOptions,
    private readonly file: FileHandle,
  ) {}

  /** Opens the spool in a folder, a new one or what an earlier process left, and goes on sending. */
  static async open(options: SpoolOptions): Promise<Spool> {
    await mkdir(options.folder, { recursive: true });
    const path = join(options.folder, 'entries.jsonl');
    const spool = new Spool(options, await open(path, 'a+'));
    await spool.recall(path);
    spool.kick();
    return spool;
  }

  get ref(): RankRef {
    return this.options.ref;
  }

  get isEmpty(): boolean {
    return this.waiting.length === 0;
  }

  /** Resolves when the entry is in the file; sending goes on by itself. */
  append(entry: NewSpoolEntry): Promise<void> {
    const line = Buffer.from(`${JSON.stringify(spoolEntrySchema.parse(entry))}\n`);
    const appended = this.appending.then(async () => {
      if (this.stale || this.stopped.signal.aborted) return;
      const isWritten = await this.writeLine(line);
      if (this.stale || !isWritten) return;
      this.waiting.push({ offset: this.end, bytes: line.length });
      this.end += line.length;
      this.kick();
    });
    this.appending = appended.catch(() => undefined);
    return appended;
  }

  /** A disk that is full may have room again. False if this spool was closed before. */
  private async writeLine(line: Buffer): Promise<boolean> {
    const { signal } = this.stopped;
    const backoff = new Backoff();
    for (let tries = 0; !signal.aborted; tries++) {
      try {
        await this.file.appendFile(line);
        return true;
      } catch (error) {
        if (tries === 0) this.options.onDiskTrouble(error);
        // Half a line must not stay in front of the next one.
        await this.file.truncate(this.end).catch(() => undefined);
        await backoff.pause(signal).catch(() => undefined);
      }
    }
    return false;
  }

  /** Resolves to true when the server has everything, to false after `ms` or when the signal aborts. */
  async delivered(ms: number): Promise<boolean> {
    await this.appending;
    if (this.isEmpty) return true;
    return new Promise((resolve) => {
      const finish = (result: boolean) => {
        clearTimeout(timer);
        this.idle.delete(done);
        resolve(result);
      };
      const done = () => finish(true);
      const timer = setTimeout(() => finish(false), Math.min(ms, 2 ** 31 - 1));
      this.idle.add(done);
    });
  }

  /** Stops sending; the files stay for the next process. */
  async close(): Promise<void> {
    this.stopped.abort();
    await this.sending;
    await this.appending;
    await this.file.close();
  }

  /** Closes and forgets everything. */
  async discard(): Promise<void> {
    await this.close();
    await rm(this.options.folder, { recursive: true, force: true });
  }

  private async recall(path: string): Promise<void> {
    const text = await readFile(path);
    const acknowledged = Number(await readFile(join(this.options.folder, 'acknowledged'), 'utf8').catch(() => '0'));
    let offset = acknowledged;
    for (;;) {
      const newline = text.indexOf(10, offset);
      if (newline < 0) break;
      this.waiting.push({ offset, bytes: newline + 1 - offset });
      offset = newline + 1;
    }
    if (offset < text.length) await this.file.truncate(offset);
    this.end = offset;
  }

  private kick(): void {
    if (this.sending || this.stopped.signal.aborted || this.isEmpty) return;
    this.sending = this.drain().finally(() => {
      this.sending = null;
      // An entry may have come between the last look and the end.
      this.kick();
    });
  }

  private async drain(): Promise<void> {
    const { signal } = this.stopped;
    const backoff = new Backoff();
    for (let span = this.waiting[0]; span && !signal.aborted; span = this.waiting[0]) {
      const entry = await this.read(span);
      try {
        if (entry) await this.options.send(this.options.ref, entry, signal);
        backoff.reset();
      } catch (error) {
        if (signal.aborted) return;
        if (!(error instanceof NodeApiError)) throw error;
        if (error.isTransient) {
          await backoff.pause(signal).catch(() => undefined);
          continue;
        }
        if (error.isStale) {
          this.giveUp();
          return;
        }
        if (entry) this.options.onRefused(entry, error);
      }
      this.waiting.shift();
      // Where the disk is full nothing is noted: another process sends again, which changes nothing at the server.
      await this.acknowledge(span.offset + span.bytes).catch(() => undefined);
    }
    if (this.isEmpty) for (const done of [...this.idle]) done();
  }

  private async read({ offset, bytes }: Span): Promise<SpoolEntry | null> {
    const buffer = Buffer.alloc(bytes);
    await this.file.read(buffer, 0, bytes, offset);
    try {
      return spoolEntrySchema.parse(JSON.parse(buffer.toString('utf8')));
    } catch {
      // Damaged on disk, or of another version: the entries after it are worth more than waiting for it.
      return null;
    }
  }

  private async acknowledge(bytes: number): Promise<void> {
    const path = join(this.options.folder, 'acknowledged');
    await writeFile(`${path}.new`, String(bytes));
    await rename(`${path}.new`, path);
  }

  private giveUp(): void {
    this.stale = true;
    this.waiting.length = 0;
    for (const done of [...this.idle]) done();
    this.options.onStale();
  }
}
