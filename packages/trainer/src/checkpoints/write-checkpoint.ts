import { createHash } from 'node:crypto';
import { basename, dirname, join } from 'node:path';
import { LockstepError } from '@lockstep/contracts';
import { isOptimizerSlot, type StateTensor, safetensorsParts } from '@lockstep/engine/train';
import { diskError, systemCode } from '../disk/disk-error.js';
import type { CheckpointDisk } from './checkpoint-disk.js';
import { type CheckpointFile, encodeManifest, MANIFEST_NAME, type Manifest } from './manifest.js';

/** Bytes hashed and written at a time: about a millisecond, so that frames and timers are not kept waiting. */
const SLICE_BYTES = 1 << 20;

export interface CheckpointContent {
  /** Optimizer steps done. */
  step: number;
  generation: number;
  /** Tells checkpoints of one step and generation apart. */
  sequence: number;
  epoch: number;
  /** Copies: they must not change until the write is over. */
  tensors: readonly StateTensor[];
  /** Plain JSON with finite numbers. */
  trainState: unknown;
  digests: { weights: string; state: string };
  best?: boolean;
  /** The manifest waits for it; a rejection abandons the checkpoint. */
  agreed?: Promise<void>;
}

async function writeTensorFile(
  disk: CheckpointDisk,
  folder: string,
  name: string,
  tensors: readonly StateTensor[],
): Promise<CheckpointFile> {
  const hash = createHash('sha256');
  let bytes = 0;
  const file = await disk.createFile(join(folder, name));
  try {
    for (const part of safetensorsParts(tensors)) {
      for (let begin = 0; begin < part.length; begin += SLICE_BYTES) {
        const slice = part.subarray(begin, begin + SLICE_BYTES);
        hash.update(slice);
        await file.write(slice);
        bytes += slice.length;
      }
    }
    await file.sync();
  } finally {
    await file.close();
  }
  return { name, bytes, sha256: hash.digest('hex') };
}

async function writeManifest(disk: CheckpointDisk, folder: string, manifest: Manifest): Promise<void> {
  const temporary = join(folder, `.${MANIFEST_NAME}`);
  const file = await disk.createFile(temporary);
  try {
    await file.write(encodeManifest(manifest));
    await file.sync();
  } finally {
    await file.close();
  }
  await disk.syncFolder(folder); // the tensor files are in the folder before the manifest says so
  await disk.rename(temporary, join(folder, MANIFEST_NAME));
  await disk.syncFolder(folder);
}

/**
 * Fills `folder`, which exists and is empty: model.safetensors (parameters and buffers), optimizer.safetensors, each
 * flushed to the disk, then, once `agreed`, manifest.json by rename. On any failure the folder is removed again and
 * what was there before is untouched: `infrastructure.disk-full`, `-denied` or `infrastructure.disk`.
 */
export async function writeCheckpoint(disk: CheckpointDisk, folder: string, content: CheckpointContent): Promise<void> {
  const { step, generation, sequence, epoch, tensors, trainState, digests, best = false, agreed } = content;
  try {
    const files = [
      await writeTensorFile(
        disk,
        folder,
        'model.safetensors',
        tensors.filter(({ name }) => !isOptimizerSlot(name)),
      ),
      await writeTensorFile(
        disk,
        folder,
        'optimizer.safetensors',
        tensors.filter(({ name }) => isOptimizerSlot(name)),
      ),
    ];
    await agreed;
    await writeManifest(disk, folder, { step, generation, sequence, epoch, best, files, digests, trainState });
  } catch (error) {
    await disk.remove(folder).catch(() => undefined);
    throw writeError(error, folder, content);
  }
}

/** A failed write for the user: how much was wanted, and that the checkpoints before are still good. */
export function writeError(error: unknown, folder: string, { step, tensors }: CheckpointContent): unknown {
  if (systemCode(error) === 'ENOSPC' || systemCode(error) === 'EDQUOT') {
    const bytes = tensors.reduce((sum, { data }) => sum + data.byteLength, 0);
    return new LockstepError(
      'infrastructure.disk-full',
      `${dirname(folder)}: expected ${bytes} bytes for the checkpoint of step ${step}, but the disk (or the quota) is ` +
        'full; free some space. Earlier checkpoints are untouched',
      { cause: error, step },
    );
  }
  return diskError(error, `writing checkpoint ${basename(folder)} (earlier ones are untouched)`, dirname(folder));
}
