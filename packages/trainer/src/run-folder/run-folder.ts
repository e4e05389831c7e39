import { access, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LockstepError, parseResolvedSpec, type ResolvedSpec } from '@lockstep/contracts';

/**
 * The files of one run:
 *
 *     spec.requested.yaml   the spec as it was written
 *     spec.resolved.json    everything the result depends on
 *     metrics.jsonl         one row a burst, epoch, validation and checkpoint (see metrics-log.ts)
 *     summary.json          how the run ended; written last
 *     checkpoints/          see checkpoints/
 *     logs/                 what rank processes printed, where they printed anything
 *     run.lock              held while a supervisor works here
 */
export class RunFolder {
  readonly requestedSpec: string;
  readonly resolvedSpec: string;
  readonly metrics: string;
  readonly summary: string;
  readonly logs: string;
  readonly lock: string;

  constructor(readonly path: string) {
    this.requestedSpec = join(path, 'spec.requested.yaml');
    this.resolvedSpec = join(path, 'spec.resolved.json');
    this.metrics = join(path, 'metrics.jsonl');
    this.summary = join(path, 'summary.json');
    this.logs = join(path, 'logs');
    this.lock = join(path, 'run.lock');
  }

  /** Makes the folder of a new run. Throws `bad-input.run-dir` if it holds a run already or cannot be written. */
  async create(spec: ResolvedSpec, requestedText: string | null): Promise<void> {
    // Checkpoints without a spec are of some other run: nothing may start from them.
    if ((await exists(this.resolvedSpec)) || (await exists(join(this.path, 'checkpoints')))) {
      throw new LockstepError(
        'bad-input.run-dir',
        `${this.path} already holds a run. Continue it with --resume ${this.path}, or choose another --run-dir.`,
      );
    }
    try {
      await mkdir(this.logs, { recursive: true });
      if (requestedText !== null) await writeFile(this.requestedSpec, requestedText);
      await replaceFile(this.resolvedSpec, `${JSON.stringify(spec, null, 2)}\n`);
    } catch (cause) {
      throw folderError(this.path, cause);
    }
  }

  /** The resolved spec of a run that exists. Throws `bad-input.run-dir` where there is none. */
  async readSpec(): Promise<ResolvedSpec> {
    let text: string;
    try {
      text = await readFile(this.resolvedSpec, 'utf8');
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code !== 'ENOENT') throw folderError(this.path, cause);
      throw new LockstepError(
        'bad-input.run-dir',
        `Expected a run folder with spec.resolved.json, found none at ${this.path}. Name the folder that the run printed.`,
        { cause },
      );
    }
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch (cause) {
      throw new LockstepError('data.corrupt', `${this.resolvedSpec} is not JSON. Restore it from a copy.`, { cause });
    }
    return parseResolvedSpec(value, this.resolvedSpec);
  }

  async writeSummary(summary: object): Promise<void> {
    try {
      await replaceFile(this.summary, `${JSON.stringify(summary, null, 2)}\n`);
    } catch (cause) {
      throw folderError(this.path, cause);
    }
  }
}

/** Replaces a file at once: a reader sees the old or the new content, never a part. */
export async function replaceFile(path: string, content: string): Promise<void> {
  const temporary = `${path}.${process.pid}.tmp`;
  await writeFile(temporary, content, { flush: true });
  await rename(temporary, path);
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

/** What the file system says about the run folder, for the user. */
export function folderError(path: string, cause: unknown): LockstepError {
  const code = (cause as NodeJS.ErrnoException).code ?? 'unknown';
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new LockstepError(
      'infrastructure.disk-full',
      `The disk of ${path} is full. Free space there, then resume the run.`,
      {
        cause,
      },
    );
  }
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') {
    return new LockstepError('bad-input.run-dir', `${path} cannot be written (${code}). Choose another --run-dir.`, {
      cause,
    });
  }
  if (code === 'ENOTDIR' || code === 'EEXIST') {
    return new LockstepError('bad-input.run-dir', `${path} is not a folder. Choose another --run-dir.`, { cause });
  }
  return new LockstepError(
    'infrastructure.disk',
    `${path}: ${(cause as Error).message}. Check the disk, then resume the run.`,
    {
      cause,
    },
  );
}
