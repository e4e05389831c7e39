import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { LockstepError } from '@lockstep/contracts';
import { systemCode } from '../disk/disk-error.js';
import type { IdxFiles } from './prepare-idx.js';

const PATTERNS: readonly [keyof IdxFiles, RegExp, string][] = [
  ['trainImages', /^train[-_.]?images/i, 'train-images*'],
  ['trainLabels', /^train[-_.]?labels/i, 'train-labels*'],
  ['validationImages', /^(?:t10k|test|validation)[-_.]?images/i, 't10k-images*, test-images* or validation-images*'],
  ['validationLabels', /^(?:t10k|test|validation)[-_.]?labels/i, 't10k-labels*, test-labels* or validation-labels*'],
];

async function listFolder(folder: string): Promise<string[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries
      .filter((entry) => !entry.isDirectory() && !entry.name.startsWith('.'))
      .map((entry) => entry.name)
      .sort();
  } catch (error) {
    const code = systemCode(error);
    const what =
      code === 'ENOENT'
        ? 'expected a folder of IDX files, got nothing at this path; check the path'
        : code === 'ENOTDIR'
          ? 'expected a folder of IDX files, got a file; give the folder that it is in'
          : `expected to be allowed to read the folder, but it was refused (${code}); change its mode or owner`;
    const kind = code === 'ENOENT' || code === 'ENOTDIR' ? 'bad-input.dataset-folder' : 'data.unreadable';
    throw new LockstepError(kind, `${folder}: ${what}`, { cause: error });
  }
}

/** `a` and `a.gz` are one file; the one that needs no unpacking is taken. */
function withoutPackedTwins(names: readonly string[]): string[] {
  return names.filter((name) => !/\.gz$/i.test(name) || !names.includes(name.slice(0, -3)));
}

function shortList(names: readonly string[]): string {
  if (names.length === 0) return 'an empty folder';
  const shown = names.slice(0, 8).join(', ');
  return names.length > 8 ? `${shown} and ${names.length - 8} more` : shown;
}

/**
 * The four IDX files of a folder, by name, without regard to case: `train-images*`, `train-labels*`, and the same with
 * `t10k-`, `test-` or `validation-`, gzipped or not. Both splits must be there: a split made silently would make the
 * validation numbers of two runs incomparable.
 */
export async function findIdxFiles(folder: string): Promise<IdxFiles> {
  const names = await listFolder(folder);
  const files: Partial<IdxFiles> = {};
  for (const [role, pattern, wanted] of PATTERNS) {
    const matches = withoutPackedTwins(names.filter((name) => pattern.test(name)));
    const [match] = matches;
    if (match === undefined) {
      const hint = role.startsWith('validation')
        ? '; add a validation split, for example by cutting the last samples off the training files'
        : '; name the IDX files like those of MNIST';
      throw new LockstepError(
        'bad-input.dataset-folder',
        `${folder}: expected a file ${wanted}, got ${shortList(names)}${hint}`,
      );
    }
    if (matches.length > 1) {
      throw new LockstepError(
        'bad-input.dataset-folder',
        `${folder}: expected one file ${wanted}, got ${shortList(matches)}; move the others out of the folder`,
      );
    }
    files[role] = join(folder, match);
  }
  for (const path of Object.values(files)) await expectFile(path);
  return files as IdxFiles;
}

async function expectFile(path: string): Promise<void> {
  const info = await stat(path).catch(() => null);
  if (!info?.isFile()) {
    throw new LockstepError('data.unreadable', `${path}: expected a file, got something that cannot be read as one`);
  }
}
