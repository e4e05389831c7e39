import { LockstepError } from '@lockstep/contracts';
import type { Context } from '../../access/actor.js';
import { audit } from '../../access/audit.js';
import { authorise } from '../../access/authorise.js';
import { notFound } from '../../access/refusals.js';
import { newSecret } from '../../access/secrets.js';
import { isUniqueViolation } from '../../database/database-error.js';
import type { Db } from '../../database/open-db.js';
import { inTransaction } from '../../database/transaction.js';
import { newId } from '../../ids/new-id.js';

export interface CreateNodeCredentialInput {
  readonly organisationId: string;
  /** Name of the pool; `local` without it. */
  readonly pool?: string;
  /** Unique in the pool. */
  readonly name: string;
  /** What the pool's provider calls it. */
  readonly providerId?: string;
}

/** Makes a node with its credential, which its agent registers with; the secret is shown once. */
export async function createNodeCredential(
  db: Db,
  context: Context,
  { organisationId, pool = 'local', name, providerId }: CreateNodeCredentialInput,
): Promise<{ nodeId: string; secret: string }> {
  const nodeId = newId('node');
  const { secret, hash } = newSecret('node');
  try {
    await inTransaction(db, async (tx) => {
      const grant = await authorise(tx, context, organisationId, 'nodes:write');
      if (!/^[\x20-\x7e]{1,128}$/.test(name))
        throw new LockstepError('bad-input.field', 'name: expected 1 to 128 printable characters.');
      const found = await tx.pool.findUnique({
        where: { organisationId_name: { organisationId, name: pool } },
        select: { id: true },
      });
      if (found === null) throw notFound('pool');
      await tx.node.create({
        data: { id: nodeId, organisationId, poolId: found.id, name, secretHash: hash, providerId: providerId ?? null },
        select: { id: true },
      });
      await audit(
        tx,
        context,
        { organisationId, action: 'node.create', subjectId: nodeId, detail: { name, pool } },
        grant,
      );
    });
  } catch (cause) {
    if (!isUniqueViolation(cause)) throw cause;
    throw new LockstepError('bad-input.taken', `name: there is a node "${name}" in pool ${pool} already.`, { cause });
  }
  return { nodeId, secret };
}
