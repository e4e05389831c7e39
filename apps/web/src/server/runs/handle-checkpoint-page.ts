import { checkpointIdSchema, downloadQuerySchema } from '@lockstep/contracts';
import { getCheckpoint } from '@lockstep/db';
import { z } from 'zod';
import { checkpointAnswer } from './checkpoint-answer.js';
import { pageDownload } from './page-download.js';

const paramsSchema = z.object({ checkpoint: checkpointIdSchema });

/** A checkpoint, or one of its files. */
export const handleCheckpointPage = pageDownload(
  paramsSchema,
  downloadQuerySchema,
  async ({ container, context, requestId, organisationId, runId, params, query }) => {
    const checkpointId = params.checkpoint;
    const found = await getCheckpoint(container.db, context, { organisationId, runId, checkpointId });
    return checkpointAnswer({ container, organisationId, requestId }, found, query.file);
  },
);
