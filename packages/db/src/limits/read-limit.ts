import type { Tx } from '../database/transaction.js';

export type LimitKind = 'cores' | 'runs' | 'bytes';

/** What an organisation may use at most at the same time; null without a bound. */
export async function readLimit(
  tx: Pick<Tx, 'limit'>,
  organisationId: string,
  kind: LimitKind,
): Promise<number | null> {
  const row = await tx.limit.findUnique({ where: { organisationId_kind: { organisationId, kind } } });
  return row === null ? null : Number(row.value);
}
