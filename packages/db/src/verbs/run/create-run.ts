import { createHash } from 'node:crypto';
import { type CreateRunBody, createRunBodySchema, LockstepError, parseWith } from '@lockstep/contracts';
import { actorId, type Context } from '../../access/actor.js';
import { audit } from '../../access/audit.js';
import { authorise, type Grant } from '../../access/authorise.js';
import { notFound } from '../../access/refusals.js';
import type { Db } from '../../database/open-db.js';
import { inTransaction, type Tx } from '../../database/transaction.js';
import type { Prisma } from '../../generated/prisma/client.js';
import { newId } from '../../ids/new-id.js';
import { requireRoom } from '../../limits/require-room.js';
import { addEvent } from '../../runs/add-event.js';
import { type ResolvedRequest, type ResolveRunSpec, resolveRequest } from './resolve-request.js';

export type CreateRunInput = CreateRunBody & {
  readonly organisationId: string;
  /** The same request under the same key gives the same run, for a day. */
  readonly idempotencyKey?: string;
  /** Run that this one continues from, and at which step. */
  readonly parentRunId?: string;
  readonly forkStep?: number;
  /** Run whose request this one repeats, for the lineage. */
  readonly clonedFromRunId?: string;
};

export interface CreatedRun {
  readonly runId: string;
  /** False if the idempotency key gave a run that was there. */
  readonly created: boolean;
}

/**
 * Creates a run in state queued. Whoever calls starts its workflow after that.
 *
 * @throws LockstepError `bad-input.*`, `bad-input.limit` if it could never begin, `bad-input.idempotency-key` for a key of another request, `auth.*`
 */
export async function createRun(
  db: Db,
  context: Context,
  input: CreateRunInput,
  { resolve }: { resolve: ResolveRunSpec },
): Promise<CreatedRun> {
  const { organisationId, idempotencyKey, parentRunId, forkStep, clonedFromRunId, ...body } = input;
  return inTransaction(db, async (tx, changed) => {
    const slug = typeof body.project === 'string' ? body.project : '';
    const project = await tx.project.findFirst({
      where: { organisationId, slug, archivedAt: null },
      select: { id: true },
    });
    const grant = await authorise(tx, context, organisationId, 'runs:write', project?.id ?? null);
    const parsed = parseWith(createRunBodySchema, body, { source: 'run' });
    if (project === null) throw notFound('project');
    const runId = newId('run');
    if (idempotencyKey !== undefined) {
      const existing = await claimKey(tx, context, organisationId, idempotencyKey, input, runId);
      if (existing !== null) return { runId: existing, created: false };
    }
    const workers = { workers: parsed.workers, minimumWorkers: parsed.minimumWorkers ?? parsed.workers };
    requireWorkers(workers);
    await requireRoom(tx, organisationId, { ...workers, threads: parsed.threads });
    if (parentRunId !== undefined) await requireParent(tx, organisationId, parentRunId);
    const request = await resolveRequest(
      tx,
      { organisationId, spec: parsed.spec, workers: parsed.workers, threads: parsed.threads },
      resolve,
    );
    await tx.run.create({
      data: {
        id: runId,
        organisationId,
        projectId: project.id,
        experimentId: await experimentOf(tx, organisationId, project.id, parsed.experiment ?? 'default'),
        name: parsed.name ?? request.resolved.name,
        notes: parsed.notes ?? '',
        tags: [...new Set(parsed.tags)],
        group: parsed.group ?? null,
        ...specColumns(request),
        ...workers,
        threads: parsed.threads,
        ...creator(context, grant),
        parentRunId: parentRunId ?? null,
        forkStep: forkStep ?? null,
      },
      select: { id: true },
    });
    await tx.runProgress.create({
      data: {
        runId,
        organisationId,
        totalSteps: request.totalSteps,
        totalEpochs: request.resolved.training.epochs,
      },
      select: { runId: true },
    });
    await addEvent(
      tx,
      { id: runId },
      { kind: 'state', data: { state: 'queued', reason: null, message: null } },
      changed,
    );
    const detail = clonedFromRunId === undefined ? {} : { clonedFromRunId };
    if (clonedFromRunId !== undefined)
      await tx.lineage.create({
        data: { organisationId, fromId: clonedFromRunId, toId: runId, relation: 'cloned' },
        select: { toId: true },
      });
    await audit(tx, context, { organisationId, action: 'run.create', subjectId: runId, detail }, grant);
    return { runId, created: true };
  });
}

/** The run that the key stands for already, or null after it was taken for this one. */
async function claimKey(
  tx: Tx,
  { actor }: Context,
  organisationId: string,
  key: string,
  request: CreateRunInput,
  runId: string,
): Promise<string | null> {
  if (!/^[\x20-\x7e]{1,128}$/.test(key))
    throw new LockstepError(
      'bad-input.idempotency-key',
      'Expected an idempotency key of 1 to 128 printable characters.',
    );
  const requestHash = new Uint8Array(createHash('sha256').update(canonical(request)).digest());
  const owner = `${actor.kind}:${actorId(actor)}`;
  // A second request waits here until the first one has committed or failed. Keys older than a day are taken over.
  const rows = await tx.$queryRaw<{ subject_id: string }[]>`
    INSERT INTO idempotency_key AS old (organisation_id, actor, key, request_hash, subject_id)
    VALUES (${organisationId}, ${owner}, ${key}, ${requestHash}, ${runId})
    ON CONFLICT (organisation_id, actor, key) DO UPDATE
      SET request_hash = excluded.request_hash, subject_id = excluded.subject_id, created_at = now()
      WHERE old.created_at < now() - interval '1 day'
    RETURNING subject_id`;
  if (rows.length > 0) return null;
  const existing = await tx.idempotencyKey.findUniqueOrThrow({
    where: { organisationId_actor_key: { organisationId, actor: owner, key } },
  });
  if (Buffer.compare(existing.requestHash, requestHash) !== 0)
    throw new LockstepError(
      'bad-input.idempotency-key',
      'Expected the request that this idempotency key was used for first, got another one. Use a new key for a new request.',
    );
  return existing.subjectId;
}

/** JSON with sorted keys: the order of fields makes no other request. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}

function requireWorkers({ workers, minimumWorkers }: { workers: number; minimumWorkers: number }): void {
  if (minimumWorkers <= workers) return;
  throw new LockstepError(
    'bad-input.workers',
    `minimumWorkers: expected at most workers, ${workers}, got ${minimumWorkers}. Use fewer, or more workers.`,
  );
}

async function requireParent(tx: Tx, organisationId: string, parentRunId: string): Promise<void> {
  const parent = await tx.run.findFirst({
    where: { id: parentRunId, organisationId, deletedAt: null },
    select: { id: true },
  });
  if (parent === null) throw notFound('run to continue from');
}

async function experimentOf(tx: Tx, organisationId: string, projectId: string, slug: string): Promise<string> {
  const rows = await tx.$queryRaw<{ id: string }[]>`
    INSERT INTO experiment (id, organisation_id, project_id, slug, name)
    VALUES (${newId('experiment')}, ${organisationId}, ${projectId}, ${slug}, ${slug})
    ON CONFLICT (project_id, slug) DO UPDATE SET slug = excluded.slug RETURNING id`;
  return rows[0]?.id ?? '';
}

function specColumns({ requested, text, resolved, datasetVersionId }: ResolvedRequest) {
  return {
    requestedSpec: requested as unknown as Prisma.InputJsonObject,
    requestedText: text,
    resolvedSpec: resolved as unknown as Prisma.InputJsonObject,
    isa: resolved.isa,
    numericsVersion: resolved.numericsVersion,
    engineVersion: resolved.versions.engine,
    kernelsVersion: resolved.versions.kernels,
    datasetVersionId,
  };
}

function creator({ actor }: Context, grant: Grant) {
  return { createdByKind: actor.kind, createdById: actorId(actor), createdByUserId: grant.userId };
}
