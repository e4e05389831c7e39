import { LockstepError, newSlugSchema, parseWith } from '@lockstep/contracts';
import { z } from 'zod';
import type { Context } from '../../access/actor.js';
import { audit } from '../../access/audit.js';
import { forbidden } from '../../access/refusals.js';
import { isUniqueViolation } from '../../database/database-error.js';
import type { Db } from '../../database/open-db.js';
import { inTransaction } from '../../database/transaction.js';
import { newId } from '../../ids/new-id.js';

const inputSchema = z.strictObject({
  slug: newSlugSchema('organisation'),
  name: z.string().trim().min(1).max(128),
  /** Its first owner; the user who creates it, unless the system does. */
  ownerId: z.string().min(1).optional(),
});
export type CreateOrganisationInput = z.input<typeof inputSchema>;

/** Creates an organisation with its first owner and the pool `local`. @throws LockstepError `bad-input.taken` */
export async function createOrganisation(
  db: Db,
  context: Context,
  input: CreateOrganisationInput,
): Promise<{ organisationId: string }> {
  const { slug, name, ownerId } = parseWith(inputSchema, input, { source: 'organisation' });
  const { actor } = context;
  const userId = actor.kind === 'user' ? actor.userId : actor.kind === 'system' ? ownerId : undefined;
  if (userId === undefined) throw forbidden('organisations to be made');
  const organisationId = newId('organisation');
  try {
    await inTransaction(db, async (tx) => {
      await tx.organisation.create({
        data: { id: organisationId, slug, name, members: { create: { userId, role: 'owner' } } },
        select: { id: true },
      });
      await tx.pool.create({
        data: { id: newId('pool'), organisationId, name: 'local', provider: 'local' },
        select: { id: true },
      });
      await audit(tx, context, { organisationId, action: 'organisation.create', subjectId: organisationId });
    });
  } catch (cause) {
    if (!isUniqueViolation(cause)) throw cause;
    throw new LockstepError(
      'bad-input.taken',
      `slug: expected a free name, got "${slug}", which is taken. Choose another.`,
      {
        cause,
      },
    );
  }
  return { organisationId };
}
