import type { Project } from '@lockstep/contracts';
import type { Context } from '../../access/actor.js';
import { authorise } from '../../access/authorise.js';
import type { Db } from '../../database/open-db.js';
import { reading } from '../../database/transaction.js';
import { type Page, type PageInput, pageOf, pageSize, requireCursor } from '../paging.js';

/** Projects by slug; a token for one project sees that one. */
export async function listProjects(
  db: Db,
  context: Context,
  { organisationId, cursor, limit }: PageInput & { organisationId: string },
): Promise<Page<Project>> {
  return reading(async () => {
    const grant = await authorise(db.prisma, context, organisationId, 'projects:read');
    const size = pageSize(limit);
    const after = requireCursor(cursor, /^[a-z0-9-]{1,40}$/);
    const rows = await db.prisma.project.findMany({
      where: {
        organisationId,
        archivedAt: null,
        ...(grant.projectId === null ? {} : { id: grant.projectId }),
        ...(after === undefined ? {} : { slug: { gt: after } }),
      },
      orderBy: { slug: 'asc' },
      take: size + 1,
      include: { organisation: { select: { slug: true } } },
    });
    return pageOf(
      rows,
      size,
      ({ slug }) => slug,
      ({ slug, name, createdAt, organisation }) => ({
        slug,
        organisation: organisation.slug,
        name,
        createdAt: createdAt.toISOString(),
      }),
    );
  });
}
