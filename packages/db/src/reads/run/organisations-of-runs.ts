import type { Db } from '../../database/open-db.js';
import { reading } from '../../database/transaction.js';

/** Whose runs these are, to decide who is told of them. A run that is not there is left out. */
export async function organisationsOfRuns(db: Db, runIds: readonly string[]): Promise<Map<string, string>> {
  return reading(async () => {
    const rows = await db.prisma.run.findMany({
      where: { id: { in: [...runIds] } },
      select: { id: true, organisationId: true },
    });
    return new Map(rows.map(({ id, organisationId }) => [id, organisationId]));
  });
}
