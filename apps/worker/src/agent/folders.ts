import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { RankRef } from '@lockstep/contracts';

/**
 * The files of one agent:
 *
 *     agent.lock                     held while an agent works here
 *     runs/<run>/blobs/<sha256>      checkpoint files that were sent or fetched, so that a rank here continues without a download
 *     runs/<run>/g<gen>-r<rank>/     the run folder of one rank process: checkpoints as it writes them, what it printed
 *     spool/<run>_<gen>_<rank>/      what the server has not taken yet
 */
export class AgentFolders {
  readonly lock: string;
  readonly runs: string;
  readonly spools: string;

  constructor(root: string) {
    this.lock = join(root, 'agent.lock');
    this.runs = join(root, 'runs');
    this.spools = join(root, 'spool');
  }

  async create(): Promise<void> {
    for (const folder of [this.runs, this.spools]) await mkdir(folder, { recursive: true, mode: 0o700 });
  }

  run(runId: string): string {
    return join(this.runs, runId);
  }

  blobs(runId: string): string {
    return join(this.run(runId), 'blobs');
  }

  rank({ runId, generation, rank }: RankRef): string {
    return join(this.run(runId), `g${generation}-r${rank}`);
  }

  spool({ runId, generation, rank }: RankRef): string {
    return join(this.spools, `${runId}_${generation}_${rank}`);
  }

  /** What a spool folder belongs to; null where it is none. */
  static refOfSpool(name: string): RankRef | null {
    const match = /^(.+)_(\d+)_(\d+)$/.exec(name);
    return match?.[1] ? { runId: match[1], generation: Number(match[2]), rank: Number(match[3]) } : null;
  }
}
