import type { ResolvedSpec } from '@lockstep/contracts';
import type { Context } from '../../access/actor.js';
import { authorise } from '../../access/authorise.js';
import { notFound } from '../../access/refusals.js';
import type { Db } from '../../database/open-db.js';
import { reading } from '../../database/transaction.js';
import { type ResolveRunSpec, resolveRequest } from './resolve-request.js';

export interface ValidateRunInput {
  readonly organisationId: string;
  /** Slug of the project. */
  readonly project: string;
  readonly spec: string | Readonly<Record<string, unknown>>;
  readonly workers?: number;
  readonly threads?: number;
}

/** Checks and resolves a run without creating it. @throws LockstepError `bad-input.*` */
export async function validateRun(
  db: Db,
  context: Context,
  { organisationId, project, spec, workers = 1, threads = 1 }: ValidateRunInput,
  { resolve }: { resolve: ResolveRunSpec },
): Promise<{ resolvedSpec: ResolvedSpec; totalSteps: number }> {
  return reading(async () => {
    const found = await db.prisma.project.findFirst({ where: { organisationId, slug: project }, select: { id: true } });
    await authorise(db.prisma, context, organisationId, 'runs:read', found?.id ?? null);
    if (found === null) throw notFound('project');
    const { resolved, totalSteps } = await resolveRequest(
      db.prisma,
      { organisationId, spec, workers, threads },
      resolve,
    );
    return { resolvedSpec: resolved, totalSteps };
  });
}
