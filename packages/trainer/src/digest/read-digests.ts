import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { LockstepError } from '@lockstep/contracts';
import { stateDigest, weightsDigest } from '@lockstep/engine/train';
import { CheckpointStore } from '../checkpoints/checkpoint-store.js';

export interface CheckpointDigests {
  checkpoint: string;
  step: number;
  weightsDigest: string;
  stateDigest: string;
  /** Newer checkpoints that were passed over because they are damaged. */
  problems: string[];
}

/**
 * Digests of a checkpoint folder, or of the newest valid checkpoint of a run folder, computed from what is in its
 * files. Throws `data.*` where nothing verifies, `bad-input.path` where there is neither.
 */
export async function readDigests(path: string): Promise<CheckpointDigests> {
  const store = new CheckpointStore(path);
  const isCheckpoint = await isThere(join(path, 'manifest.json'));
  if (!isCheckpoint && !(await isThere(store.path))) {
    throw new LockstepError(
      'bad-input.path',
      `Expected a checkpoint or a run folder at ${path}, found neither. Name one of them.`,
    );
  }
  const found = isCheckpoint ? { checkpoint: await store.read(path), problems: [] } : await store.latestValid();
  if (!found.checkpoint) {
    const why = found.problems.length > 0 ? `: ${found.problems.join(' ')}` : '.';
    throw new LockstepError('data.no-checkpoint', `No checkpoint in ${path} can be used${why}`);
  }
  const { tensors, trainState, step, path: checkpoint } = found.checkpoint;
  return {
    checkpoint,
    step,
    weightsDigest: weightsDigest(tensors),
    stateDigest: stateDigest(tensors, trainState),
    problems: found.problems,
  };
}

async function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
