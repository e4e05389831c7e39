import { LockstepError } from '@lockstep/contracts';
import type { Context } from '../../access/actor.js';
import { audit } from '../../access/audit.js';
import { authorise } from '../../access/authorise.js';
import type { Db } from '../../database/open-db.js';
import { inTransaction } from '../../database/transaction.js';
import type { Prisma } from '../../generated/prisma/client.js';
import { newId } from '../../ids/new-id.js';

export interface SetPoolInput {
  readonly organisationId: string;
  readonly name: string;
  readonly provider: 'local' | 'aws-asg';
  readonly minimumNodes?: number;
  readonly maximumNodes?: number;
  readonly desiredNodes?: number;
  readonly settings?: Prisma.InputJsonObject;
}

/** Creates a pool, or changes what one shall have; its workflow makes it so. */
export async function setPool(db: Db, context: Context, input: SetPoolInput): Promise<{ poolId: string }> {
  const {
    organisationId,
    name,
    provider,
    minimumNodes = 0,
    maximumNodes = 1024,
    desiredNodes = 0,
    settings = {},
  } = input;
  return inTransaction(db, async (tx) => {
    const grant = await authorise(tx, context, organisationId, 'nodes:write');
    if (!(minimumNodes >= 0 && minimumNodes <= desiredNodes && desiredNodes <= maximumNodes))
      throw new LockstepError(
        'bad-input.field',
        `Expected minimumNodes ≤ desiredNodes ≤ maximumNodes, got ${minimumNodes}, ${desiredNodes} and ${maximumNodes}.`,
      );
    const bounds = { minimumNodes, maximumNodes, desiredNodes, settings };
    const { id } = await tx.pool.upsert({
      where: { organisationId_name: { organisationId, name } },
      create: { id: newId('pool'), organisationId, name, provider, ...bounds },
      update: bounds,
      select: { id: true },
    });
    await audit(
      tx,
      context,
      { organisationId, action: 'pool.set', subjectId: id, detail: { name, desiredNodes } },
      grant,
    );
    return { poolId: id };
  });
}
