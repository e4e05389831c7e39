import { finalRunStates } from '@lockstep/contracts';
import type { Context } from '../../access/actor.js';
import { authorise } from '../../access/authorise.js';
import type { Db } from '../../database/open-db.js';
import { reading } from '../../database/transaction.js';

export interface ProjectActivity {
  /** Runs that were not deleted. */
  readonly runs: number;
  /** Of these, those that have not ended. */
  readonly active: number;
  readonly lastRunAt: Date | null;
}

const ended = [...finalRunStates];

/** What happens in the projects that the actor may see, by slug. */
export async function projectActivity(
  db: Db,
  context: Context,
  { organisationId }: { organisationId: string },
): Promise<Record<string, ProjectActivity>> {
  return reading(async () => {
    const { projectId } = await authorise(db.prisma, context, organisationId, 'runs:read');
    const where = { organisationId, deletedAt: null, ...(projectId === null ? {} : { projectId }) };
    const [all, active, projects] = await Promise.all([
      db.prisma.run.groupBy({ by: ['projectId'], where, _count: true, _max: { createdAt: true } }),
      db.prisma.run.groupBy({ by: ['projectId'], where: { ...where, state: { notIn: ended } }, _count: true }),
      db.prisma.project.findMany({
        where: { organisationId, archivedAt: null, ...(projectId === null ? {} : { id: projectId }) },
        select: { id: true, slug: true },
      }),
    ]);
    const allOf = new Map(all.map((each) => [each.projectId, each]));
    const activeOf = new Map(active.map((each) => [each.projectId, each._count]));
    return Object.fromEntries(
      projects.map(({ id, slug }) => [
        slug,
        {
          runs: allOf.get(id)?._count ?? 0,
          active: activeOf.get(id) ?? 0,
          lastRunAt: allOf.get(id)?._max.createdAt ?? null,
        },
      ]),
    );
  });
}
