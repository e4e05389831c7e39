import { z } from 'zod';
import { runIdSchema, timeSchema } from './ids.js';
import { queryInt } from './paging.js';

/** JSON has no word for numbers that are not finite, so that they are words here. */
export const metricNumberSchema = z.union([z.number(), z.literal(['NaN', 'Infinity', '-Infinity'])]);
export type MetricNumber = z.infer<typeof metricNumberSchema>;

export const metricsQuerySchema = z.strictObject({
  series: z
    .string()
    .max(2000)
    .regex(/^[a-z0-9_/.-]+(,[a-z0-9_/.-]+)*$/i, 'expected names with commas between them')
    .optional()
    .describe('Names, such as `train/loss,val/accuracy`. Default: all.'),
  since: queryInt(0, 2 ** 31)
    .optional()
    .describe('First step.'),
  until: queryInt(0, 2 ** 31)
    .optional()
    .describe('Last step.'),
  maxPoints: queryInt(1, 10_000)
    .optional()
    .describe('Points of a series; more steps than this become buckets. Default 2000.'),
});

/** Points of one series. `min` and `max` are the extremes of a bucket; where nothing was merged they equal the value. */
export const metricSeriesSchema = z.object({
  name: z.string(),
  labels: z.record(z.string(), z.string()),
  unit: z.string().nullable(),
  steps: z.array(z.int()),
  values: z.array(metricNumberSchema),
  min: z.array(metricNumberSchema),
  max: z.array(metricNumberSchema),
  pointCount: z.int().describe('Points that were recorded in this range.'),
  nonFinite: z
    .object({
      steps: z.array(z.int()).describe('Those of `steps` whose point is not finite, or stands for some that are not.'),
      counts: z.array(z.int()).describe('How many recorded points that are not finite each of them has.'),
    })
    .optional()
    .describe('Only where there are any.'),
});
export type MetricSeries = z.infer<typeof metricSeriesSchema>;

export const metricsResponseSchema = z.object({
  runId: runIdSchema,
  cursor: z.int().describe('Everything up to this event cursor is contained.'),
  series: z.array(metricSeriesSchema),
});
export type MetricsResponse = z.infer<typeof metricsResponseSchema>;

export const exportQuerySchema = z.strictObject({
  format: z.enum(['json', 'csv']).default('json'),
  series: metricsQuerySchema.shape.series,
});

export const logLineSchema = z.object({
  cursor: z.string(),
  time: timeSchema,
  source: z.string().describe('`rank-0`, `agent` …'),
  generation: z.int().nullable(),
  level: z.enum(['debug', 'info', 'warning', 'error']),
  text: z.string(),
});
export type LogLine = z.infer<typeof logLineSchema>;

export const logsQuerySchema = z.strictObject({
  cursor: z.string().min(1).max(512).optional().describe('Lines after this one.'),
  limit: queryInt(1, 1000).optional().describe('Default 200.'),
});
export const logPageSchema = z.object({
  items: z.array(logLineSchema),
  nextCursor: z.string().nullable().describe('Null when there is nothing more now.'),
});

export const exportLogsQuerySchema = z.strictObject({ format: z.enum(['json', 'csv']).default('json') });
