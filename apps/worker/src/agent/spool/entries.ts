import { batchBodySchema, recordCheckpointBodySchema, resultBodySchema } from '@lockstep/contracts';
import { z } from 'zod';

/** What a rank has to say to the server, in the order in which the server has to hear it. */
export const spoolEntrySchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('batch'), body: batchBodySchema }),
  /** Its blobs are stored already. It follows every batch up to its step: whoever continues from it misses no metric. */
  z.strictObject({ kind: z.literal('checkpoint'), body: recordCheckpointBodySchema }),
  z.strictObject({ kind: z.literal('result'), body: resultBodySchema }),
]);
export type SpoolEntry = z.output<typeof spoolEntrySchema>;
export type NewSpoolEntry = z.input<typeof spoolEntrySchema>;
