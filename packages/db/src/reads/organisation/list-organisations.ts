import type { Context } from '../../access/actor.js';
import { notFound } from '../../access/refusals.js';
import type { Db } from '../../database/open-db.js';
import { reading } from '../../database/transaction.js';
import type { OrganisationRow } from './find-organisation.js';

/** The organisations that a signed-in user is a member of. */
export async function listOrganisations(db: Db, { actor }: Context): Promise<OrganisationRow[]> {
  if (actor.kind !== 'user') throw notFound('page');
  return reading(async () => {
    const rows = await db.prisma.member.findMany({
      where: { userId: actor.userId },
      orderBy: { organisation: { slug: 'asc' } },
      select: { role: true, organisation: { select: { id: true, slug: true, name: true } } },
    });
    return rows.map(({ role, organisation: { id, slug, name } }) => ({ organisationId: id, slug, name, role }));
  });
}
