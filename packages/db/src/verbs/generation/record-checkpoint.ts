import { LockstepError, type RecordCheckpointBody } from '@lockstep/contracts';
import type { Context } from '../../access/actor.js';
import { audit } from '../../access/audit.js';
import type { Db } from '../../database/open-db.js';
import { inTransaction, type Tx } from '../../database/transaction.js';
import { newId } from '../../ids/new-id.js';
import { addEvent } from '../../runs/add-event.js';
import { lockRank } from './lock-rank.js';

export type RecordCheckpointInput = RecordCheckpointBody & { readonly runId: string; readonly generation: number };

/**
 * Records a checkpoint whose blobs are stored, the manifest among them, and on whose state all ranks agreed. Recording it
 * again gives the same.
 *
 * @throws LockstepError `infrastructure.stale-generation`, `data.checkpoint-incomplete`, `numerics.diverged`
 */
export async function recordCheckpoint(
  db: Db,
  context: Context,
  input: RecordCheckpointInput,
): Promise<{ checkpointId: string }> {
  const { runId, generation, sequence, step, epoch, best, weightsDigest, stateDigest, files } = input;
  return inTransaction(db, async (tx, changed) => {
    const run = await lockRank(tx, context, { runId, generation, rank: null });
    const existing = await tx.checkpoint.findUnique({
      where: { runId_generation_sequence: { runId, generation, sequence } },
      select: { id: true },
    });
    if (existing !== null) return { checkpointId: existing.id };
    await requireAgreement(tx, input);
    await requireBlobs(tx, run.organisationId, files);
    const name = `run/${runId}`;
    const { _max } = await tx.artifactVersion.aggregate({
      where: { projectId: run.projectId, kind: 'checkpoint', name },
      _max: { version: true },
    });
    const artifactVersionId = newId('artifactVersion');
    await tx.artifactVersion.create({
      data: {
        id: artifactVersionId,
        organisationId: run.organisationId,
        projectId: run.projectId,
        runId,
        kind: 'checkpoint',
        name,
        version: (_max.version ?? 0) + 1,
        digest: weightsDigest,
        facts: { step, epoch, generation, sequence, best },
        files: {
          create: files.map((file) => ({ name: file.name, organisationId: run.organisationId, sha256: file.sha256 })),
        },
      },
      select: { id: true },
    });
    await tx.lineage.create({
      data: { organisationId: run.organisationId, fromId: runId, toId: artifactVersionId, relation: 'made' },
      select: { toId: true },
    });
    const checkpointId = newId('checkpoint');
    await tx.checkpoint.create({
      data: {
        id: checkpointId,
        organisationId: run.organisationId,
        runId,
        generation,
        sequence,
        step,
        epoch,
        best,
        weightsDigest,
        stateDigest,
        artifactVersionId,
      },
      select: { id: true },
    });
    await addEvent(
      tx,
      run,
      { kind: 'checkpoint', data: { checkpointId, step, epoch, best, stateDigest }, generation },
      changed,
    );
    await audit(tx, context, {
      organisationId: run.organisationId,
      action: 'checkpoint.record',
      subjectId: checkpointId,
    });
    return { checkpointId };
  });
}

async function requireAgreement(
  tx: Tx,
  { runId, generation, sequence, stateDigest }: RecordCheckpointInput,
): Promise<void> {
  const row = await tx.agreement.findUnique({ where: { runId_generation_sequence: { runId, generation, sequence } } });
  const digests = Object.values((row?.digests ?? {}) as Record<string, string>);
  if (row?.verdict === 'agreed' && digests.every((digest) => digest === stateDigest)) return;
  throw new LockstepError(
    'numerics.diverged',
    `Expected a checkpoint that all ranks agreed on, got one whose agreement is ${row?.verdict ?? 'missing'}.`,
  );
}

async function requireBlobs(tx: Tx, organisationId: string, files: RecordCheckpointInput['files']): Promise<void> {
  const blobs = await tx.blob.findMany({
    where: { organisationId, sha256: { in: files.map(({ sha256 }) => sha256) } },
    select: { sha256: true, bytes: true },
  });
  const bytesOf = new Map(blobs.map(({ sha256, bytes }) => [sha256, Number(bytes)]));
  for (const { name, sha256, bytes } of files)
    if (bytesOf.get(sha256) !== bytes)
      throw new LockstepError(
        'data.checkpoint-incomplete',
        `Expected the ${bytes} bytes of ${name} to be stored first.`,
      );
  if (!files.some(({ name }) => name === 'manifest.json'))
    throw new LockstepError('data.checkpoint-incomplete', 'Expected manifest.json among the files, got none.');
}
