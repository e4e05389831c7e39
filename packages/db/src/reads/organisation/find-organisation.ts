import type { Context } from '../../access/actor.js';
import { authorise } from '../../access/authorise.js';
import { notFound } from '../../access/refusals.js';
import type { Db } from '../../database/open-db.js';
import { reading } from '../../database/transaction.js';
import type { Role } from '../../generated/prisma/enums.js';

export interface OrganisationRow {
  readonly organisationId: string;
  readonly slug: string;
  readonly name: string;
  /** Of whoever asks; null for the system. */
  readonly role: Role | null;
}

/** The organisation of a URL or of an id. @throws LockstepError `auth.not-found`, also for strangers */
export async function findOrganisation(
  db: Db,
  context: Context,
  by: { readonly slug: string } | { readonly organisationId: string },
): Promise<OrganisationRow> {
  return reading(async () => {
    const where = 'slug' in by ? { slug: by.slug } : { id: by.organisationId };
    const row = await db.prisma.organisation.findUnique({ where, select: { id: true, slug: true, name: true } });
    if (row === null) throw notFound('organisation');
    const right = context.actor.kind === 'token' ? 'runs:read' : 'organisation:read';
    const { role } = await authorise(db.prisma, context, row.id, right);
    return { organisationId: row.id, slug: row.slug, name: row.name, role };
  });
}
