import { z } from 'zod';
import { reasonCodeSchema, runStateSchema } from '../states/states.js';
import { runIdSchema, timeSchema } from './ids.js';
import { logLineSchema, metricNumberSchema } from './metrics.js';
import { queryInt } from './paging.js';

export const eventsQuerySchema = z.strictObject({
  since: queryInt(0, 2 ** 48)
    .optional()
    .describe(
      'Cursor of the last event that was seen; the header Last-Event-ID goes first. Default 0: from the beginning.',
    ),
});

const base = { cursor: z.int(), runId: runIdSchema, time: timeSchema };

/**
 * What the live stream sends, as `data` of a server-sent event whose `id` is the cursor. Events of one cursor belong
 * together: only the last of them carries the id, so that a reader who resumes gets all of them or none again.
 */
export const runStreamEventSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('state'), ...base, state: runStateSchema, reason: reasonCodeSchema.nullable() }),
  z.object({ type: z.literal('event'), ...base, kind: z.string(), data: z.record(z.string(), z.unknown()) }),
  z.object({
    type: z.literal('metrics'),
    ...base,
    source: z.string(),
    generation: z.int(),
    sequence: z.int(),
    series: z.array(
      z.object({
        name: z.string(),
        labels: z.record(z.string(), z.string()),
        steps: z.array(z.int()),
        values: z.array(metricNumberSchema),
      }),
    ),
  }),
  z.object({ type: z.literal('logs'), ...base, lines: z.array(logLineSchema) }),
  z.object({ type: z.literal('end'), ...base, state: runStateSchema }),
]);
export type RunStreamEvent = z.infer<typeof runStreamEventSchema>;
