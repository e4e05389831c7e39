import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LockstepError } from '@lockstep/contracts';
import { canonicalJson } from '@lockstep/engine/train';
import { systemCode } from '../disk/disk-error.js';

export const MANIFEST_NAME = 'manifest.json';
const FORMAT = 'lockstep-checkpoint/1';
const MAX_MANIFEST_BYTES = 16 * 1024 * 1024;

export interface CheckpointFile {
  name: string;
  bytes: number;
  /** Lower-case hex. */
  sha256: string;
}

/**
 * Written last: a folder without it is no checkpoint. One line of canonical JSON with two more fields, `format` and
 * `checksum`, the SHA-256 of the canonical JSON of all others.
 */
export interface Manifest {
  step: number;
  generation: number;
  sequence: number;
  epoch: number;
  /** Taken because a validation was the best so far. */
  best: boolean;
  files: CheckpointFile[];
  digests: { weights: string; state: string };
  trainState: unknown;
}

function checksumOf(content: object): string {
  return createHash('sha256').update(canonicalJson(content)).digest('hex');
}

export function encodeManifest(manifest: Manifest): Uint8Array {
  const content = { format: FORMAT, ...manifest };
  return new TextEncoder().encode(`${canonicalJson({ ...content, checksum: checksumOf(content) })}\n`);
}

/** Why a checkpoint cannot be used, as an error: `data.checkpoint-*` and a sentence that names the folder. */
export function checkpointProblem(
  kind: 'missing' | 'incomplete' | 'damaged' | 'newer',
  path: string,
  what: string,
  cause?: unknown,
): LockstepError {
  return new LockstepError(`data.checkpoint-${kind}`, `${path}: ${what}`, cause === undefined ? {} : { cause });
}

/** The manifest of a checkpoint folder, its checksum verified; its files are not looked at. */
export async function readManifest(path: string): Promise<Manifest> {
  let text: string;
  try {
    const bytes = await readFile(join(path, MANIFEST_NAME));
    if (bytes.length > MAX_MANIFEST_BYTES) throw checkpointProblem('damaged', path, 'expected a manifest of sane size');
    text = bytes.toString('utf8');
  } catch (error) {
    throw readProblem(error, path);
  }
  return parseManifest(text, path);
}

function readProblem(error: unknown, path: string): unknown {
  const code = systemCode(error);
  if (code === null) return error;
  if (code === 'ENOENT' || code === 'ENOTDIR') {
    const what = `expected ${MANIFEST_NAME} in a checkpoint folder, found none: it is no checkpoint, or was never finished`;
    return checkpointProblem('incomplete', path, what, error);
  }
  const message = `${join(path, MANIFEST_NAME)}: expected to read it, but it was refused (${code}); change its mode or owner`;
  return new LockstepError('data.unreadable', message, { cause: error });
}

function parseManifest(text: string, path: string): Manifest {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw checkpointProblem(
      'damaged',
      path,
      `expected ${MANIFEST_NAME} to be JSON, got text that does not parse`,
      cause,
    );
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw checkpointProblem('damaged', path, `expected ${MANIFEST_NAME} to be a JSON object`);
  }
  const { checksum, ...content } = value as Record<string, unknown>;
  const format = content.format;
  if (format !== FORMAT && typeof format === 'string' && /^lockstep-checkpoint\/\d+$/.test(format)) {
    const what = `expected a checkpoint of format ${FORMAT}, got ${format}; it was written by another version: use that one`;
    throw checkpointProblem('newer', path, what);
  }
  if (checksum !== checksumOf(content)) {
    throw checkpointProblem(
      'damaged',
      path,
      `expected ${MANIFEST_NAME} to have its checksum, but its content was changed`,
    );
  }
  // Whoever wrote a matching checksum wrote every field; a hand-made file still must not reach outside the folder.
  const manifest = content as unknown as Manifest;
  const isFile = (file: CheckpointFile): boolean =>
    /^[a-z]+\.safetensors$/.test(file?.name) && Number.isSafeInteger(file.bytes) && file.bytes >= 0;
  if (
    !Array.isArray(manifest.files) ||
    !manifest.files.every(isFile) ||
    typeof manifest.digests?.weights !== 'string'
  ) {
    throw checkpointProblem('damaged', path, `expected ${MANIFEST_NAME} to list safetensors files and digests`);
  }
  return manifest;
}
