import { exportQuerySchema } from '@lockstep/contracts';
import { z } from 'zod';
import { pageDownload } from './page-download.js';
import { logsExport, metricsExport } from './run-export.js';

const querySchema = exportQuerySchema.extend({ what: z.enum(['metrics', 'logs']).default('metrics') });

/** Metrics or logs of a run. */
export const handleExportPage = pageDownload(
  z.object({}),
  querySchema,
  ({ organisationId, runId, query: { what, format, series }, ...call }) =>
    what === 'logs'
      ? logsExport(call, { organisationId, runId }, format)
      : metricsExport(call, { organisationId, runId }, { format, names: series?.split(',') }),
);
