import { isFinalRunState, LockstepError } from '@lockstep/contracts';
import type { Context } from '../../access/actor.js';
import { authorise } from '../../access/authorise.js';
import { notFound } from '../../access/refusals.js';
import type { Db } from '../../database/open-db.js';
import { reading } from '../../database/transaction.js';
import { type CreatedRun, type CreateRunInput, createRun } from './create-run.js';
import type { ResolveRunSpec } from './resolve-request.js';

export interface CloneRunInput {
  readonly organisationId: string;
  readonly runId: string;
  /** Only of a run that has ended: the same again after a failure, say. */
  readonly afterEnd?: boolean;
  /** What is to be different; the rest is as in the run's request. */
  readonly changes?: Partial<Omit<CreateRunInput, 'organisationId' | 'clonedFromRunId' | 'parentRunId' | 'forkStep'>>;
}

/** Creates a run from the request of another one, as it was written. Whoever calls starts its workflow after that. */
export async function cloneRun(
  db: Db,
  context: Context,
  { organisationId, runId, afterEnd = false, changes = {} }: CloneRunInput,
  options: { resolve: ResolveRunSpec },
): Promise<CreatedRun> {
  const source = await reading(async () => {
    const run = await db.prisma.run.findFirst({
      where: { id: runId, organisationId, deletedAt: null },
      include: { project: { select: { slug: true } }, experiment: { select: { slug: true } } },
    });
    await authorise(db.prisma, context, organisationId, 'runs:write', run?.projectId ?? null);
    if (run === null) throw notFound('run');
    return run;
  });
  if (afterEnd && !isFinalRunState(source.state))
    throw new LockstepError(
      'bad-input.state',
      `Expected a run that has ended, got one that is ${source.state}. Wait, or cancel it first.`,
    );
  const { requestedText, requestedSpec, group, workers, minimumWorkers, threads } = source;
  return createRun(
    db,
    context,
    {
      project: source.project.slug,
      experiment: source.experiment.slug,
      spec: requestedText ?? (requestedSpec as Record<string, unknown>),
      name: source.name,
      notes: source.notes,
      tags: source.tags,
      ...(group === null ? {} : { group }),
      workers,
      minimumWorkers: Math.min(minimumWorkers, changes.workers ?? workers),
      threads,
      ...changes,
      organisationId,
      clonedFromRunId: runId,
    },
    options,
  );
}
