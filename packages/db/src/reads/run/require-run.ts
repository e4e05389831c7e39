import type { Context } from '../../access/actor.js';
import { authorise } from '../../access/authorise.js';
import { notFound } from '../../access/refusals.js';
import type { Db } from '../../database/open-db.js';

/** The run, if the actor may read it. @throws LockstepError `auth.not-found` */
export async function requireRun(
  db: Db,
  context: Context,
  organisationId: string,
  runId: string,
): Promise<{ projectId: string; cursor: number }> {
  const run = await db.prisma.run.findFirst({
    where: { id: runId, organisationId, deletedAt: null },
    select: { projectId: true, progress: { select: { cursor: true } } },
  });
  await authorise(db.prisma, context, organisationId, 'runs:read', run?.projectId ?? null);
  if (run === null) throw notFound('run');
  return { projectId: run.projectId, cursor: Number(run.progress?.cursor ?? 0) };
}
