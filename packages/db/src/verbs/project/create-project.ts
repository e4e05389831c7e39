import { LockstepError, newSlugSchema, parseWith } from '@lockstep/contracts';
import { z } from 'zod';
import type { Context } from '../../access/actor.js';
import { audit } from '../../access/audit.js';
import { authorise } from '../../access/authorise.js';
import { forbidden } from '../../access/refusals.js';
import { isUniqueViolation } from '../../database/database-error.js';
import type { Db } from '../../database/open-db.js';
import { inTransaction } from '../../database/transaction.js';
import { newId } from '../../ids/new-id.js';

const inputSchema = z.strictObject({
  organisationId: z.string(),
  slug: newSlugSchema('project'),
  name: z.string().trim().min(1).max(128).optional(),
});
export type CreateProjectInput = z.input<typeof inputSchema>;

/** @throws LockstepError `bad-input.taken` */
export async function createProject(
  db: Db,
  context: Context,
  input: CreateProjectInput,
): Promise<{ projectId: string }> {
  const projectId = newId('project');
  try {
    await inTransaction(db, async (tx) => {
      const grant = await authorise(tx, context, input.organisationId, 'projects:write');
      if (grant.projectId !== null) throw forbidden('other projects than its own');
      const { organisationId, slug, name } = parseWith(inputSchema, input, { source: 'project' });
      await tx.project.create({
        data: { id: projectId, organisationId, slug, name: name ?? slug },
        select: { id: true },
      });
      await audit(tx, context, { organisationId, action: 'project.create', subjectId: projectId }, grant);
    });
  } catch (cause) {
    if (!isUniqueViolation(cause)) throw cause;
    throw new LockstepError(
      'bad-input.taken',
      `slug: there is a project "${input.slug}" already. Choose another name.`,
      { cause },
    );
  }
  return { projectId };
}
