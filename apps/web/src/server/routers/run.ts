import {
  createRunBodySchema,
  listRunsQuerySchema,
  runIdSchema,
  runStateSchema,
  updateRunBodySchema,
  validateRunBodySchema,
} from '@lockstep/contracts';
import {
  type CloneRunInput,
  type Context,
  cancelRun,
  checkpoints,
  cloneRun,
  createRun,
  type Db,
  deleteRun,
  getRun,
  knownPace,
  listRuns,
  logsTail,
  metricSeries,
  runClock,
  runCurves,
  runEventsSince,
  runOrders,
  runSummaries,
  setBaseline,
  tableOfRuns,
  updateRun,
  validateRun,
} from '@lockstep/db';
import { resolveRunSpec } from '@lockstep/engine/graph';
import { z } from 'zod';
import { workerMemoryBytes } from '../runs/memory-estimate.js';
import { runNews } from '../runs/run-news.js';
import { withUrl } from '../runs/run-url.js';
import { signalCancel, startWorkflow } from '../runs/start-workflow.js';
import { input, procedure, router, type TrpcContext } from '../trpc.js';
import { organisationIdOf, organisationInput, pageInput } from './scope.js';

const { tags, workers, threads } = createRunBodySchema.shape;
const ofRun = { ...organisationInput, runId: runIdSchema };
const { tag, project, experiment, group, search } = listRunsQuerySchema.shape;

type Signed = TrpcContext & { readonly db: Db; readonly context: Context };

async function cloned(ctx: Signed, given: CloneRunInput): Promise<{ runId: string }> {
  const { runId } = await cloneRun(ctx.db, ctx.context, given, { resolve: resolveRunSpec });
  startWorkflow(ctx.container.orchestrator, runId, ctx.requestId);
  return { runId };
}

export const runRouter = router({
  list: procedure
    .input(
      input(
        z.strictObject({
          ...organisationInput,
          ...pageInput,
          project,
          experiment,
          group,
          tag,
          search,
          states: z.array(runStateSchema).max(20).optional(),
          archived: z.boolean().optional(),
        }),
      ),
    )
    .query(async ({ ctx, input: { organisation, ...filters } }) => {
      const organisationId = await organisationIdOf(ctx, organisation);
      const { items, nextCursor } = await listRuns(ctx.db, ctx.context, { organisationId, ...filters });
      return { items: items.map((run) => withUrl(run, ctx.container.settings.publicUrl)), nextCursor };
    }),
  /** A part of a project's runs in any order, with their key numbers. */
  table: procedure
    .input(
      input(
        z.strictObject({
          ...organisationInput,
          project: z.string().min(1).max(64),
          tag,
          search,
          states: z.array(runStateSchema).max(20).optional(),
          archived: z.boolean().optional(),
          mine: z.boolean().optional(),
          order: z.enum(runOrders),
          descending: z.boolean(),
          offset: z.int().min(0).max(1_000_000),
          limit: z.int().min(1).max(200),
        }),
      ),
    )
    .query(async ({ ctx, input: { organisation, ...given } }) => {
      const organisationId = await organisationIdOf(ctx, organisation);
      const { total, items } = await tableOfRuns(ctx.db, ctx.context, { organisationId, ...given });
      return { total, items: items.map((run) => withUrl(run, ctx.container.settings.publicUrl)) };
    }),
  /** The loss of runs in a few points each. */
  curves: procedure
    .input(input(z.strictObject({ ...organisationInput, runIds: z.array(runIdSchema).max(100) })))
    .query(async ({ ctx, input: { organisation, runIds } }) =>
      runCurves(ctx.db, ctx.context, { organisationId: await organisationIdOf(ctx, organisation), runIds }),
    ),
  get: procedure.input(input(z.strictObject(ofRun))).query(async ({ ctx, input: { organisation, runId } }) => {
    const run = await getRun(ctx.db, ctx.context, { organisationId: await organisationIdOf(ctx, organisation), runId });
    return withUrl(run, ctx.container.settings.publicUrl);
  }),
  create: procedure
    .input(
      input(
        createRunBodySchema.extend({ ...organisationInput, idempotencyKey: z.string().min(1).max(128).optional() }),
      ),
    )
    .mutation(async ({ ctx, input: { organisation, ...given } }) => {
      const organisationId = await organisationIdOf(ctx, organisation);
      const { runId } = await createRun(ctx.db, ctx.context, { organisationId, ...given }, { resolve: resolveRunSpec });
      startWorkflow(ctx.container.orchestrator, runId, ctx.requestId);
      return { runId };
    }),
  /** The same request again, after the run has ended. */
  retry: procedure.input(input(z.strictObject(ofRun))).mutation(async ({ ctx, input: { organisation, runId } }) => {
    const organisationId = await organisationIdOf(ctx, organisation);
    return cloned(ctx, { organisationId, runId, afterEnd: true });
  }),
  /** The request of a run with changes; what is left out is as it was. */
  clone: procedure
    .input(
      input(
        createRunBodySchema
          // What is left out has no default here.
          .extend({ tags: tags.unwrap(), workers: workers.unwrap(), threads: threads.unwrap() })
          .partial()
          .extend({ ...ofRun, idempotencyKey: z.string().min(1).max(128).optional() }),
      ),
    )
    .mutation(async ({ ctx, input: { organisation, runId, ...given } }) => {
      const organisationId = await organisationIdOf(ctx, organisation);
      const changes = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
      return cloned(ctx, { organisationId, runId, changes });
    }),
  validate: procedure
    .input(input(validateRunBodySchema.extend(organisationInput)))
    .query(async ({ ctx, input: { organisation, ...given } }) => {
      const organisationId = await organisationIdOf(ctx, organisation);
      const found = await validateRun(ctx.db, ctx.context, { organisationId, ...given }, { resolve: resolveRunSpec });
      const { workers, threads } = given;
      return {
        ...found,
        memoryBytes: workerMemoryBytes(found.resolvedSpec, workers),
        pace: await knownPace(ctx.db, ctx.context, { organisationId, ...found, workers, threads }),
      };
    }),
  update: procedure
    .input(input(updateRunBodySchema.extend(ofRun)))
    .mutation(async ({ ctx, input: { organisation, ...given } }) =>
      updateRun(ctx.db, ctx.context, { organisationId: await organisationIdOf(ctx, organisation), ...given }),
    ),
  setBaseline: procedure
    .input(input(z.strictObject(ofRun)))
    .mutation(async ({ ctx, input: { organisation, runId } }) =>
      setBaseline(ctx.db, ctx.context, { organisationId: await organisationIdOf(ctx, organisation), runId }),
    ),
  cancel: procedure.input(input(z.strictObject(ofRun))).mutation(async ({ ctx, input: { organisation, runId } }) => {
    const organisationId = await organisationIdOf(ctx, organisation);
    const { signal } = await cancelRun(ctx.db, ctx.context, { organisationId, runId });
    if (signal) signalCancel(ctx.container.orchestrator, runId, ctx.requestId);
  }),
  delete: procedure
    .input(input(z.strictObject(ofRun)))
    .mutation(async ({ ctx, input: { organisation, runId } }) =>
      deleteRun(ctx.db, ctx.context, { organisationId: await organisationIdOf(ctx, organisation), runId }),
    ),
  metrics: procedure
    .input(
      input(
        z.strictObject({
          ...ofRun,
          names: z.array(z.string().max(128)).max(256).optional(),
          since: z.int().min(0).optional(),
          until: z.int().min(0).optional(),
          maxPoints: z.int().min(1).max(10_000).optional(),
        }),
      ),
    )
    .query(async ({ ctx, input: { organisation, ...given } }) =>
      metricSeries(ctx.db, ctx.context, { organisationId: await organisationIdOf(ctx, organisation), ...given }),
    ),
  /** The last lines of the log; the whole of it is in the export. */
  logsTail: procedure
    .input(input(z.strictObject({ ...ofRun, last: z.int().min(1).max(10_000) })))
    .query(async ({ ctx, input: { organisation, ...given } }) =>
      logsTail(ctx.db, ctx.context, { organisationId: await organisationIdOf(ctx, organisation), ...given }),
    ),
  /** The key numbers of many runs, as lists and comparisons show them. */
  summaries: procedure
    .input(input(z.strictObject({ ...organisationInput, runIds: z.array(runIdSchema).max(200) })))
    .query(async ({ ctx, input: { organisation, runIds } }) =>
      runSummaries(ctx.db, ctx.context, { organisationId: await organisationIdOf(ctx, organisation), runIds }),
    ),
  /** What happened after a cursor, oldest first, without metrics and logs. */
  history: procedure
    .input(input(z.strictObject({ ...ofRun, since: z.int().min(0), limit: z.int().min(1).max(2000) })))
    .query(async ({ ctx, input: { organisation, ...given } }) =>
      runEventsSince(ctx.db, ctx.context, { organisationId: await organisationIdOf(ctx, organisation), ...given }),
    ),
  /** Training time and core-seconds by step. */
  clock: procedure
    .input(input(z.strictObject(ofRun)))
    .query(async ({ ctx, input: { organisation, runId } }) =>
      runClock(ctx.db, ctx.context, { organisationId: await organisationIdOf(ctx, organisation), runId }),
    ),
  news: procedure
    .input(input(z.strictObject({ ...ofRun, since: z.int().min(0) })))
    .query(async ({ ctx, input: { organisation, runId, since } }) =>
      runNews(ctx.db, ctx.context, { organisationId: await organisationIdOf(ctx, organisation), runId, since }),
    ),
  checkpoints: procedure
    .input(input(z.strictObject({ ...ofRun, ...pageInput })))
    .query(async ({ ctx, input: { organisation, ...given } }) =>
      checkpoints(ctx.db, ctx.context, { organisationId: await organisationIdOf(ctx, organisation), ...given }),
    ),
});
