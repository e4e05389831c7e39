import type { Project } from '@lockstep/contracts';
import type { Context } from '../../access/actor.js';
import { authorise } from '../../access/authorise.js';
import { notFound } from '../../access/refusals.js';
import type { Db } from '../../database/open-db.js';
import { reading } from '../../database/transaction.js';

/** A project by its slug. @throws LockstepError `auth.not-found` */
export async function findProject(
  db: Db,
  context: Context,
  { organisationId, slug }: { organisationId: string; slug: string },
): Promise<Project> {
  return reading(async () => {
    const row = await db.prisma.project.findFirst({
      where: { organisationId, slug, archivedAt: null },
      include: { organisation: { select: { slug: true } } },
    });
    await authorise(db.prisma, context, organisationId, 'projects:read', row?.id ?? null);
    if (row === null) throw notFound('project');
    return {
      slug: row.slug,
      organisation: row.organisation.slug,
      name: row.name,
      createdAt: row.createdAt.toISOString(),
    };
  });
}
