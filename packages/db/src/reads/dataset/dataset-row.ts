import type { Dataset } from '@lockstep/contracts';
import type { Prisma } from '../../generated/prisma/client.js';

export const datasetInclude = { versions: { orderBy: { id: 'desc' }, take: 1 } } satisfies Prisma.DatasetInclude;

export function toDataset(row: Prisma.DatasetGetPayload<{ include: typeof datasetInclude }>): Dataset {
  const [version] = row.versions;
  return {
    id: row.id,
    name: row.name,
    kind: row.kind === 'sample' ? 'sample' : 'upload',
    version: version?.version ?? null,
    trainSamples: version === undefined ? null : Number(version.trainSamples),
    validationSamples: version === undefined ? null : Number(version.validationSamples),
    sampleShape: version?.sampleShape ?? null,
    classes: version?.classes ?? null,
    dtype: (version?.dtype as Dataset['dtype'] | undefined) ?? null,
    createdAt: row.createdAt.toISOString(),
  };
}
