import { createHash } from 'node:crypto';
import { access, mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { type CheckpointFileEntry, LockstepError, type RunCheckpoint } from '@lockstep/contracts';
import type { Command } from 'commander';
import { reportError } from '../errors/report-error.js';
import type { ServiceClient } from '../service/client.js';
import { openService } from '../service/open-service.js';

interface DownloadOptions {
  checkpoint: string;
  output?: string;
  json?: boolean;
}

export function addDownload(program: Command, done: (exitCode: number) => void): void {
  program
    .command('download')
    .summary('download a checkpoint of a run')
    .description('Downloads a checkpoint into a new folder and verifies every file against its hash.')
    .argument('<run>', 'id of the run')
    .option('-c, --checkpoint <which>', '`best`, `last`, or the id of a checkpoint', 'last')
    .option('-o, --output <dir>', 'the new folder (default: <run>-step-<step>)')
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      `
Examples:
  $ lockstep download <run> --checkpoint best --output lenet5
  $ lockstep digest lenet5`,
    )
    .action(async (runId: string, options: DownloadOptions) => done(await download(runId, options)));
}

async function download(runId: string, { checkpoint: which, output, json }: DownloadOptions): Promise<number> {
  try {
    const client = await openService();
    const checkpoint = await findCheckpoint(client, runId, which);
    const folder = resolve(output ?? `${checkpoint.runId}-step-${checkpoint.step}`);
    await requireAbsent(folder);
    // Next to it, so that the folder appears with everything in it or not at all.
    const work = `${folder}.part-${process.pid}`;
    try {
      await mkdir(dirname(folder), { recursive: true });
      await mkdir(work);
      for (const file of checkpoint.files) await downloadFile(client, checkpoint, file, join(work, file.name));
      await rename(work, folder);
    } catch (error) {
      throw asDiskError(error, folder);
    } finally {
      await rm(work, { recursive: true, force: true });
    }
    const { id, step, weightsDigest } = checkpoint;
    process.stdout.write(
      json
        ? `${JSON.stringify({ runId, checkpointId: id, step, weightsDigest, folder })}\n`
        : `weights     ${weightsDigest}\nstep        ${step}\nfolder      ${folder}\n`,
    );
    return 0;
  } catch (error) {
    return reportError(error);
  }
}

async function findCheckpoint(client: ServiceClient, runId: string, which: string): Promise<RunCheckpoint> {
  if (which !== 'last' && which !== 'best')
    return client.call('getCheckpoint', { params: { runId, checkpointId: which } });
  let cursor: string | undefined;
  for (;;) {
    const page = await client.call('listCheckpoints', { params: { runId }, query: { cursor } });
    const found = page.items.find(({ best }) => which === 'last' || best);
    if (found !== undefined) return found;
    if (page.nextCursor === null) break;
    cursor = page.nextCursor;
  }
  throw new LockstepError('data.no-checkpoint', `The run has no ${which} checkpoint yet.`);
}

async function downloadFile(
  client: ServiceClient,
  { runId, id }: RunCheckpoint,
  { name, bytes, sha256 }: CheckpointFileEntry,
  path: string,
): Promise<void> {
  const hash = createHash('sha256');
  const file = await open(path, 'wx');
  try {
    const pieces = client.bytes('downloadCheckpoint', { params: { runId, checkpointId: id }, query: { file: name } });
    for await (const piece of pieces) {
      hash.update(piece);
      await file.writeFile(piece);
    }
    await file.sync();
  } finally {
    await file.close();
  }
  if (hash.digest('hex') === sha256) return;
  throw new LockstepError(
    'infrastructure.service',
    `${name}: what came is not the file of ${bytes} bytes that the checkpoint names. Download it again.`,
  );
}

async function requireAbsent(folder: string): Promise<void> {
  const exists = await access(folder).then(
    () => true,
    () => false,
  );
  if (exists) throw new LockstepError('bad-input.path', `${folder} exists already. Name another folder with --output.`);
}

function asDiskError(error: unknown, folder: string): unknown {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ENOSPC' || code === 'EDQUOT')
    return new LockstepError('infrastructure.disk-full', `${folder}: the disk is full.`, { cause: error });
  if (code === 'EACCES' || code === 'EROFS')
    return new LockstepError('infrastructure.disk-denied', `${folder} may not be written.`, { cause: error });
  return error;
}
