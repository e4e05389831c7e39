import {
  type DatasetFile,
  datasetFileSchema,
  type PreparedDataset,
  parseWith,
  preparedDatasetSchema,
} from '@lockstep/contracts';
import { z } from 'zod';
import type { Context } from '../../access/actor.js';
import { audit } from '../../access/audit.js';
import { notFound } from '../../access/refusals.js';
import type { Db } from '../../database/open-db.js';
import { inTransaction } from '../../database/transaction.js';
import { Prisma } from '../../generated/prisma/client.js';
import { newId } from '../../ids/new-id.js';

export interface RegisterDatasetVersionInput {
  readonly organisationId: string;
  readonly name: string;
  readonly facts: PreparedDataset;
  /** Prepared shards, where they are in blob storage. */
  readonly files?: readonly DatasetFile[];
}

/**
 * Records a prepared version of a dataset; nodes of the organisation and the system do. A version never changes: recording
 * it again gives the same.
 */
export async function registerDatasetVersion(
  db: Db,
  context: Context,
  { organisationId, name, facts: given, files: givenFiles = [] }: RegisterDatasetVersionInput,
): Promise<{ datasetId: string; datasetVersionId: string }> {
  const { actor } = context;
  const facts = parseWith(preparedDatasetSchema, given, { source: 'dataset' });
  const files = parseWith(z.array(datasetFileSchema), givenFiles, { source: 'dataset' });
  return inTransaction(db, async (tx) => {
    if (actor.kind === 'node') {
      const node = await tx.node.findFirst({
        where: { id: actor.nodeId, organisationId, retiredAt: null },
        select: { id: true },
      });
      if (node === null) throw notFound('organisation');
    } else if (actor.kind !== 'system') throw notFound('page');
    const { id: datasetId } = await tx.dataset.upsert({
      where: { organisationId_name: { organisationId, name } },
      create: { id: newId('dataset'), organisationId, name, kind: facts.dataset.kind },
      update: {},
      select: { id: true },
    });
    const where = { datasetId_version: { datasetId, version: facts.version } };
    const existing = await tx.datasetVersion.findUnique({ where, select: { id: true } });
    if (existing !== null) return { datasetId, datasetVersionId: existing.id };
    const datasetVersionId = newId('datasetVersion');
    await tx.datasetVersion.create({
      data: {
        id: datasetVersionId,
        organisationId,
        datasetId,
        version: facts.version,
        trainSamples: facts.trainSamples,
        validationSamples: facts.validationSamples,
        sampleShape: facts.sampleShape,
        classes: facts.classes,
        dtype: facts.dtype,
        defaultInput: facts.defaultInput ?? Prisma.DbNull,
        files,
      },
      select: { id: true },
    });
    await audit(tx, context, {
      organisationId,
      action: 'dataset.version',
      subjectId: datasetVersionId,
      detail: { name },
    });
    return { datasetId, datasetVersionId };
  });
}
