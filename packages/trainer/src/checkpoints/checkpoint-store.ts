import { readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { isLockstepError, LockstepError } from '@lockstep/contracts';
import { diskError, systemCode } from '../disk/disk-error.js';
import { type CheckpointDisk, nodeDisk } from './checkpoint-disk.js';
import { MANIFEST_NAME, type Manifest, readManifest } from './manifest.js';
import { type CheckpointInfo, readCheckpoint, type StoredCheckpoint } from './read-checkpoint.js';
import { type CheckpointContent, writeCheckpoint, writeError } from './write-checkpoint.js';

const NAME = /^step-(\d{9,})-g(\d{1,9})-s(\d{1,9})(?:-(\d{1,3}))?$/;
const MAX_ATTEMPTS = 100;

export type { StoredCheckpoint } from './read-checkpoint.js';

/** A checkpoint that verifies, or null, and one sentence for every better placed one that does not. */
export interface Found {
  checkpoint: StoredCheckpoint | null;
  problems: string[];
}

interface Entry {
  path: string;
  /** Step, generation, sequence, attempt: the newest has the largest, compared from the left. */
  order: number[];
}

/**
 * The checkpoints of one run:
 *
 *   <runDir>/checkpoints/step-<9 digits>-g<generation>-s<sequence>/
 *     model.safetensors       parameters and buffers
 *     optimizer.safetensors   optimizer slots
 *     manifest.json           last: lengths, hashes, digests, position; without it the folder is no checkpoint
 *
 * Nothing is ever written into a folder that is there already.
 */
export class CheckpointStore {
  readonly path: string;
  private readonly writing = new Set<string>();

  constructor(
    runDir: string,
    private readonly disk: CheckpointDisk = nodeDisk,
  ) {
    this.path = resolve(runDir, 'checkpoints');
  }

  /**
   * Writes a checkpoint and returns its folder when it is safe on the disk. The event loop stays free meanwhile. Throws
   * `infrastructure.disk*`, or what `agreed` rejects with; then nothing of it is left.
   */
  async write(content: CheckpointContent): Promise<string> {
    // It may be rejected while the files are still being written; the write sees it when it gets there.
    content.agreed?.catch(() => undefined);
    const folder = await this.newFolder(content);
    try {
      await writeCheckpoint(this.disk, folder, content);
      return folder;
    } finally {
      this.writing.delete(folder);
    }
  }

  /** A verified checkpoint with its tensors. Throws `data.checkpoint-*` or `data.unreadable` with the reason. */
  read(path: string): Promise<StoredCheckpoint> {
    return readCheckpoint(path);
  }

  /** Checkpoints with a readable manifest, newest first; their files are not verified. */
  async list(): Promise<CheckpointInfo[]> {
    const infos: CheckpointInfo[] = [];
    for (const { path } of await this.entries()) {
      const manifest = await manifestOrProblem(path);
      if (!(manifest instanceof LockstepError)) infos.push({ ...manifest, path });
    }
    return infos;
  }

  /** The newest checkpoint of which every byte verifies. */
  async latestValid(): Promise<Found> {
    return firstValid((await this.entries()).map(({ path }) => path));
  }

  /** The newest of those taken as best that verifies; where there is none, the newest that does. */
  async bestValid(): Promise<Found> {
    const infos = await this.list();
    const best = await firstValid(infos.filter((info) => info.best).map(({ path }) => path));
    if (best.checkpoint) return best;
    const { checkpoint, problems } = await this.latestValid();
    return { checkpoint, problems: [...new Set([...best.problems, ...problems])] };
  }

  /**
   * Removes all but the newest `keepLast` checkpoints and the newest `keepBest` of those taken as best (each was better
   * than the ones before it). Half-written and damaged folders go too once `keepLast` newer ones are complete;
   * checkpoints of another format version stay.
   *
   * @param written the checkpoint that the run has just written. What is placed before it did not verify when the run
   *   began, though its manifest may: it is neither counted nor removed.
   */
  async prune(keepLast: number, keepBest: number, written?: string): Promise<void> {
    let last = 0;
    let best = 0;
    const entries = await this.entries();
    const begin = Math.max(
      0,
      entries.findIndex(({ path }) => path === written),
    );
    for (const { path } of entries.slice(begin)) {
      if (this.writing.has(path)) continue;
      const manifest = await manifestOrProblem(path);
      const enough = last >= Math.max(1, keepLast);
      if (manifest instanceof LockstepError) {
        const broken = manifest.code === 'data.checkpoint-incomplete' || manifest.code === 'data.checkpoint-damaged';
        if (enough && broken) await this.remove(path);
        continue;
      }
      const keptAsBest = manifest.best && best < keepBest;
      if (keptAsBest) best++;
      if (!enough) last++;
      else if (!keptAsBest) await this.remove(path);
    }
  }

  /** Removes what a generation left half-written. Its processes are gone: nobody will finish it. */
  async discardUnfinished(generation: number): Promise<void> {
    for (const { path, order } of await this.entries()) {
      if (order[1] !== generation) continue;
      const manifest = await manifestOrProblem(path);
      if (manifest instanceof LockstepError && manifest.code === 'data.checkpoint-incomplete') await this.remove(path);
    }
  }

  /** Manifest first, so that a removal that is cut short leaves no checkpoint with missing files. */
  private async remove(path: string): Promise<void> {
    try {
      await this.disk.remove(join(path, MANIFEST_NAME));
      await this.disk.remove(path);
    } catch (error) {
      throw diskError(error, 'removing an old checkpoint', path);
    }
  }

  /** A folder of its own: a resumed run may come to the same step in the same generation again. */
  private async newFolder(content: CheckpointContent): Promise<string> {
    const { step, generation, sequence } = content;
    const name = `step-${String(step).padStart(9, '0')}-g${generation}-s${sequence}`;
    const first = join(this.path, name);
    try {
      await this.disk.makeFolders(this.path);
      for (let attempt = 1; ; attempt++) {
        const folder = attempt === 1 ? first : `${first}-${attempt}`;
        this.writing.add(folder);
        try {
          await this.disk.makeFolder(folder);
          await this.disk.syncFolder(this.path);
          return folder;
        } catch (error) {
          this.writing.delete(folder);
          if (systemCode(error) !== 'EEXIST' || attempt >= MAX_ATTEMPTS) throw error;
        }
      }
    } catch (error) {
      throw writeError(error, first, content);
    }
  }

  private async entries(): Promise<Entry[]> {
    let names: string[];
    try {
      names = await readdir(this.path);
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return [];
      throw diskError(error, 'listing checkpoints', this.path);
    }
    const entries = names.flatMap((name): Entry[] => {
      const match = NAME.exec(name);
      if (!match) return [];
      return [{ path: join(this.path, name), order: match.slice(1).map((digits) => Number(digits ?? 1)) }];
    });
    return entries.sort((a, b) => compare(b.order, a.order));
  }
}

async function firstValid(paths: readonly string[]): Promise<Found> {
  const problems: string[] = [];
  for (const path of paths) {
    try {
      return { checkpoint: await readCheckpoint(path), problems };
    } catch (error) {
      if (!isLockstepError(error)) throw error;
      problems.push(error.message);
    }
  }
  return { checkpoint: null, problems };
}

function compare(a: readonly number[], b: readonly number[]): number {
  const index = a.findIndex((value, i) => value !== b[i]);
  return index < 0 ? 0 : (a[index] as number) - (b[index] as number);
}

async function manifestOrProblem(path: string): Promise<Manifest | LockstepError> {
  try {
    return await readManifest(path);
  } catch (error) {
    if (isLockstepError(error)) return error;
    throw error;
  }
}
