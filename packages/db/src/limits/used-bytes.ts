import type { Tx } from '../database/transaction.js';

/** Bytes of an organisation in blob storage. */
export async function usedBytes(tx: Pick<Tx, 'blob'>, organisationId: string): Promise<number> {
  const { _sum: sum } = await tx.blob.aggregate({ where: { organisationId }, _sum: { bytes: true } });
  return Number(sum.bytes ?? 0);
}
