import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { LockstepError } from '@lockstep/contracts';
import { parseSafetensors, type StateTensor, weightsDigest } from '@lockstep/engine/train';
import { systemCode } from '../disk/disk-error.js';
import { type CheckpointFile, checkpointProblem, type Manifest, readManifest } from './manifest.js';

/** What is known of a checkpoint without its tensors. */
export interface CheckpointInfo extends Manifest {
  /** Absolute path of its folder. */
  path: string;
}

export interface StoredCheckpoint extends CheckpointInfo {
  /** Parameters and buffers, then optimizer slots, each sorted by name. */
  tensors: StateTensor[];
}

/** Bytes read and hashed at a time, so that the event loop is not kept waiting. */
const SLICE_BYTES = 1 << 20;

/** The content of a file, which must have the length and hash that the manifest gives. */
async function readVerified(folder: string, file: CheckpointFile): Promise<Uint8Array> {
  const handle = await open(join(folder, file.name));
  try {
    const { size } = await handle.stat();
    if (size !== file.bytes) {
      const what = `expected ${file.name} to have ${file.bytes} bytes, got ${size}: it ${size < file.bytes ? 'is cut short' : 'has grown'}`;
      throw checkpointProblem('damaged', folder, what);
    }
    const bytes = new Uint8Array(size);
    const hash = createHash('sha256');
    for (let position = 0; position < size; ) {
      const { bytesRead } = await handle.read(bytes, position, Math.min(SLICE_BYTES, size - position), position);
      if (bytesRead === 0) throw checkpointProblem('damaged', folder, `${file.name} was cut short while it was read`);
      hash.update(bytes.subarray(position, position + bytesRead));
      position += bytesRead;
    }
    const actual = hash.digest('hex');
    if (actual !== file.sha256) {
      const what = `expected ${file.name} with SHA-256 ${file.sha256}, got ${actual}: its content was changed`;
      throw checkpointProblem('damaged', folder, what);
    }
    return bytes;
  } finally {
    await handle.close();
  }
}

function fileProblem(error: unknown, folder: string, name: string): unknown {
  const code = systemCode(error);
  if (code === null) return error;
  if (code === 'ENOENT') return checkpointProblem('damaged', folder, `expected the file ${name}, found none`, error);
  const message = `${join(folder, name)}: expected to read it, but it was refused (${code}); change its mode or owner`;
  return new LockstepError('data.unreadable', message, { cause: error });
}

/**
 * A checkpoint of which every byte was verified. Throws LockstepError `data.checkpoint-incomplete`, `-damaged` or
 * `-newer`, or `data.unreadable`, with the folder and the reason.
 */
export async function readCheckpoint(folder: string): Promise<StoredCheckpoint> {
  const path = resolve(folder);
  const manifest = await readManifest(path);
  const tensors: StateTensor[] = [];
  for (const file of manifest.files) {
    try {
      const bytes = await readVerified(path, file);
      tensors.push(...parseSafetensors(bytes, join(path, file.name)).tensors);
    } catch (error) {
      throw fileProblem(error, path, file.name);
    }
  }
  const digest = weightsDigest(tensors);
  if (digest !== manifest.digests.weights) {
    const what = `expected weights with digest ${manifest.digests.weights}, got ${digest}: its files do not belong together`;
    throw checkpointProblem('damaged', path, what);
  }
  return { ...manifest, path, tensors };
}
