import type { Dataset } from '@lockstep/contracts';
import type { Context } from '../../access/actor.js';
import { authorise } from '../../access/authorise.js';
import type { Db } from '../../database/open-db.js';
import { reading } from '../../database/transaction.js';
import { type Page, type PageInput, pageOf, pageSize, requireCursor } from '../paging.js';
import { datasetInclude, toDataset } from './dataset-row.js';

/** Datasets with their newest version, by the time they were made. */
export async function listDatasets(
  db: Db,
  context: Context,
  { organisationId, cursor, limit }: PageInput & { organisationId: string },
): Promise<Page<Dataset>> {
  return reading(async () => {
    await authorise(db.prisma, context, organisationId, 'datasets:read');
    const size = pageSize(limit);
    const after = requireCursor(cursor, /^ds_[0-9a-f-]{36}$/);
    const rows = await db.prisma.dataset.findMany({
      where: { organisationId, deletedAt: null, ...(after === undefined ? {} : { id: { gt: after } }) },
      orderBy: { id: 'asc' },
      take: size + 1,
      include: datasetInclude,
    });
    return pageOf(rows, size, ({ id }) => id, toDataset);
  });
}
