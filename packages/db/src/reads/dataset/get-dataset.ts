import type { Dataset } from '@lockstep/contracts';
import type { Context } from '../../access/actor.js';
import { authorise } from '../../access/authorise.js';
import { notFound } from '../../access/refusals.js';
import type { Db } from '../../database/open-db.js';
import { reading } from '../../database/transaction.js';
import { datasetInclude, toDataset } from './dataset-row.js';

export async function getDataset(
  db: Db,
  context: Context,
  { organisationId, datasetId }: { organisationId: string; datasetId: string },
): Promise<Dataset> {
  return reading(async () => {
    await authorise(db.prisma, context, organisationId, 'datasets:read');
    const row = await db.prisma.dataset.findFirst({
      where: { id: datasetId, organisationId, deletedAt: null },
      include: datasetInclude,
    });
    if (row === null) throw notFound('dataset');
    return toDataset(row);
  });
}
