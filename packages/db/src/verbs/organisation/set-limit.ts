import type { Context } from '../../access/actor.js';
import { audit } from '../../access/audit.js';
import { authorise } from '../../access/authorise.js';
import type { Db } from '../../database/open-db.js';
import { inTransaction } from '../../database/transaction.js';

export interface SetLimitInput {
  readonly organisationId: string;
  readonly kind: 'cores' | 'runs' | 'bytes';
  /** Null takes the limit away. */
  readonly value: number | null;
}

/** Bounds what an organisation may use at the same time; placement obeys from its next look on. */
export async function setLimit(
  db: Db,
  context: Context,
  { organisationId, kind, value }: SetLimitInput,
): Promise<void> {
  await inTransaction(db, async (tx) => {
    const grant = await authorise(tx, context, organisationId, 'limits:write');
    if (value === null) await tx.limit.deleteMany({ where: { organisationId, kind } });
    else
      await tx.limit.upsert({
        where: { organisationId_kind: { organisationId, kind } },
        create: { organisationId, kind, value },
        update: { value },
        select: { kind: true },
      });
    await audit(
      tx,
      context,
      { organisationId, action: 'limit.set', subjectId: organisationId, detail: { kind, value } },
      grant,
    );
  });
}
