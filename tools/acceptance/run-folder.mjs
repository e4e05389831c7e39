// What a run writes: metrics while it goes, checkpoints.
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, watch } from 'node:fs';
import { join } from 'node:path';

/** The path, with nothing there: what an interrupted part of a case left is not in the way. */
export function freshFolder(path) {
  rmSync(path, { recursive: true, force: true });
  return path;
}

/** Rows of metrics.jsonl; a line that is being written is not a row yet. */
export function metricsOf(runDir) {
  let text;
  try {
    text = readFileSync(join(runDir, 'metrics.jsonl'), 'utf8');
  } catch {
    return [];
  }
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line));
}

/** Rows that say that the run got further. */
export const isProgress = ({ kind }) => kind === 'train' || kind === 'validation' || kind === 'checkpoint';

/**
 * Resolves to the first row of the run's metrics that matches, as soon as it is written; to null when the command ends
 * without one.
 */
export async function rowOf(runDir, command, matches) {
  mkdirSync(runDir, { recursive: true });
  const watcher = watch(runDir);
  try {
    const found = new Promise((resolve) => {
      const look = () => {
        const row = metricsOf(runDir).find(matches);
        if (row) resolve(row);
      };
      watcher.on('change', look);
      look();
    });
    return await Promise.race([found, command.ended.then(() => metricsOf(runDir).find(matches) ?? null)]);
  } finally {
    watcher.close();
  }
}

/** Checkpoint folders, oldest first: `{ path, step, generation, sequence, manifest }`; manifest is null where there is none. */
export function checkpointsOf(runDir) {
  const folder = join(runDir, 'checkpoints');
  let names;
  try {
    names = readdirSync(folder);
  } catch {
    return [];
  }
  return names
    .map((name) => {
      const [, step, generation, sequence] = /^step-(\d+)-g(\d+)-s(\d+)/.exec(name)?.map(Number) ?? [];
      const path = join(folder, name);
      return { name, path, step, generation, sequence, manifest: manifestOf(path) };
    })
    .sort((a, b) => a.step - b.step || a.generation - b.generation || a.sequence - b.sequence);
}

function manifestOf(path) {
  try {
    return JSON.parse(readFileSync(join(path, 'manifest.json'), 'utf8'));
  } catch {
    return null;
  }
}

/** A copy of a run as a machine would have left it that died right after this checkpoint was written. */
export function copyCutAfter(runDir, checkpoint, copy) {
  rmSync(copy, { recursive: true, force: true });
  cpSync(runDir, copy, { recursive: true });
  rmSync(join(copy, 'summary.json'), { force: true });
  const isLater = ({ step, generation, sequence }) =>
    step > checkpoint.step ||
    (step === checkpoint.step && (generation - checkpoint.generation || sequence - checkpoint.sequence) > 0);
  for (const later of checkpointsOf(copy).filter(isLater)) rmSync(later.path, { recursive: true });
  return copy;
}
