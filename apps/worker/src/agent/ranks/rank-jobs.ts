import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { RankRef, RankReport, StartTrainer, StopTrainer, WatchTrainer } from '@lockstep/contracts';
import { AgentFolders } from '../folders.js';
import { type SendEntry, Spool } from '../spool/spool.js';
import { RankJob, type RankJobOptions } from './rank-job.js';

export interface RankJobsOptions extends Omit<RankJobOptions, 'ref' | 'deadlineMs' | 'openSpool'> {
  send: SendEntry;
}

/** How long what a rank left is kept for the next generation here. */
const keepMs = 10 * 60_000;

/**
 * All ranks of this node. A newer generation of a run ends what an older one left, and an older one is never started
 * after it, in whatever order the orders come.
 */
export class RankJobs {
  private readonly jobs = new Map<string, { job: RankJob; goneAt: number | null }>();
  /** Newest generation of each run that was seen here. */
  private readonly newest = new Map<string, number>();
  /** Ranks that were stopped before they were started. */
  private readonly stopped = new Set<string>();
  /** What an earlier agent process left to be delivered. */
  private readonly leftovers = new Map<string, Spool>();
  private closing = false;

  constructor(private readonly options: RankJobsOptions) {}

  /** Ranks whose process lives. */
  get living(): RankJob[] {
    return [...this.jobs.values()].flatMap(({ job }) => (job.isGone ? [] : [job]));
  }

  /** Goes on with what an earlier process of this agent could not deliver, and removes what else it left. */
  async recover(): Promise<void> {
    const { folders, send, log } = this.options;
    for (const name of await readdir(folders.spools)) {
      const ref = AgentFolders.refOfSpool(name);
      const folder = join(folders.spools, name);
      if (ref === null) {
        await rm(folder, { recursive: true, force: true });
        continue;
      }
      const spool: Spool = await Spool.open({
        folder,
        ref,
        send,
        onStale: () => void this.forgetLeftover(name),
        onRefused: (entry, error) => log(`the server refused a ${entry.kind} of an earlier rank: ${error.message}`),
        onDiskTrouble: (error) => log(diskTrouble(error)),
      });
      this.leftovers.set(name, spool);
      void spool.delivered(Number.POSITIVE_INFINITY).then((done) => (done ? this.forgetLeftover(name) : undefined));
    }
    for (const runId of await readdir(folders.runs)) {
      for (const name of await readdir(folders.run(runId)).catch(() => []))
        if (name !== 'blobs') await rm(join(folders.run(runId), name), { recursive: true, force: true });
    }
  }

  async start({ deadlineMs, ...ref }: StartTrainer): Promise<void> {
    const key = keyOf(ref);
    if (this.closing || this.jobs.has(key) || this.stopped.has(key) || ref.generation < this.newestOf(ref.runId))
      return;
    this.newest.set(ref.runId, ref.generation);
    await this.endOlder(ref);
    if (this.closing || this.jobs.has(key) || this.stopped.has(key)) return;
    const { send, folders, log, ...rest } = this.options;
    const job = new RankJob({
      ...rest,
      folders,
      log,
      ref,
      deadlineMs,
      openSpool: (onStale) =>
        Spool.open({
          folder: folders.spool(ref),
          ref,
          send,
          onStale,
          onRefused: (entry, error) => log(`the server refused a ${entry.kind} of ${key}: ${error.message}`),
          onDiskTrouble: (error) => log(diskTrouble(error)),
        }),
    });
    this.jobs.set(key, { job, goneAt: null });
    job.start();
  }

  watch({ seen, maxSeconds, ...ref }: WatchTrainer, signal: AbortSignal): Promise<RankReport> {
    const known = this.jobs.get(keyOf(ref));
    if (known) return known.job.report.other(seen, maxSeconds * 1000, signal);
    return Promise.resolve({
      status: 'lost',
      message: `The agent of rank ${ref.rank} was started anew; its rank ended with it.`,
      crashed: false,
      certain: true,
    });
  }

  async stop({ how, ...ref }: StopTrainer): Promise<void> {
    const key = keyOf(ref);
    const known = this.jobs.get(key);
    if (known) await known.job.stop(how);
    else this.stopped.add(key);
  }

  /** Ends every rank of a generation here. */
  async stopGeneration(runId: string, generation: number): Promise<void> {
    const ended = this.living.filter(({ ref }) => ref.runId === runId && ref.generation === generation);
    await Promise.all(ended.map((job) => job.stop('now')));
  }

  /** Removes what ranks left that nobody will ask for again. */
  async sweep(): Promise<void> {
    const now = this.options.now();
    for (const [key, entry] of this.jobs) {
      if (!entry.job.isGone) continue;
      entry.goneAt ??= now;
      if (now - entry.goneAt < keepMs) continue;
      this.jobs.delete(key);
      await entry.job.dispose();
      await this.removeRun(entry.job.ref.runId);
    }
  }

  /** Ends every process; what is not delivered stays on disk. */
  async close(): Promise<void> {
    this.closing = true;
    await Promise.all([...this.jobs.values()].map(({ job }) => job.abandon()));
    await Promise.all([...this.jobs.values()].map(({ job }) => job.close()));
    await Promise.all([...this.leftovers.values()].map((spool) => spool.close()));
  }

  private newestOf(runId: string): number {
    return this.newest.get(runId) ?? 0;
  }

  private async endOlder({ runId, generation }: RankRef): Promise<void> {
    for (const [key, { job }] of this.jobs) {
      if (job.ref.runId !== runId || job.ref.generation >= generation) continue;
      await job.stop('now');
      this.jobs.delete(key);
      await job.dispose();
    }
    for (const [name] of this.leftovers) {
      if (AgentFolders.refOfSpool(name)?.runId === runId) await this.forgetLeftover(name);
    }
  }

  private async removeRun(runId: string): Promise<void> {
    if ([...this.jobs.values()].some(({ job }) => job.ref.runId === runId)) return;
    this.newest.delete(runId);
    for (const key of this.stopped) if (key.startsWith(`${runId}/`)) this.stopped.delete(key);
    await rm(this.options.folders.run(runId), { recursive: true, force: true });
  }

  private async forgetLeftover(name: string): Promise<void> {
    const spool = this.leftovers.get(name);
    this.leftovers.delete(name);
    await spool?.discard();
  }
}

function keyOf({ runId, generation, rank }: RankRef): string {
  return `${runId}/${generation}/${rank}`;
}

function diskTrouble(error: unknown): string {
  const reason = error instanceof Error ? error.message : String(error);
  return `metrics wait in memory: the disk of LOCKSTEP_AGENT_DIR does not take them (${reason}). Free some space.`;
}
