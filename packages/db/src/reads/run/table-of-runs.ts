import type { RunDetail, RunState } from '@lockstep/contracts';
import type { Context } from '../../access/actor.js';
import { authorise } from '../../access/authorise.js';
import { notFound } from '../../access/refusals.js';
import type { Db } from '../../database/open-db.js';
import { reading } from '../../database/transaction.js';
import { creatorNames, type RunRow, runRowSelect, toRunRow } from './run-row.js';
import { runSummaries } from './run-summaries.js';

/** What each column is sorted by. */
const orders = {
  created: 'run.id',
  name: 'lower(run.name)',
  state: 'run.state::text',
  progress: 'progress.step::float8 / nullif(progress.total_steps, 0)',
  loss: `coalesce(${lastOf('val/loss')}, ${lastOf('train/loss')})`,
  accuracy: `coalesce(run.test_accuracy, ${lastOf('val/accuracy')}, ${lastOf('train/accuracy')})`,
  duration: 'extract(epoch FROM coalesce(run.ended_at, now()) - run.started_at)',
  creator: `lower(coalesce((SELECT name FROM api_token WHERE run.created_by_kind = 'token' AND id = run.created_by_id),
    (SELECT name FROM "user" WHERE id = run.created_by_user_id)))`,
} as const;
export type RunOrder = keyof typeof orders;
export const runOrders = Object.keys(orders) as [RunOrder, ...RunOrder[]];

/** Infinity and NaN have no place in an order. */
function lastOf(name: string): string {
  return `(SELECT CASE WHEN last - last = 0 THEN last END FROM run_metric_summary
    WHERE run_id = run.id AND name = '${name}' AND labels = '{}')`;
}

export interface TableOfRunsInput {
  readonly organisationId: string;
  readonly project: string;
  readonly states?: readonly RunState[];
  readonly tag?: string;
  /** Part of the name. */
  readonly search?: string;
  readonly archived?: boolean;
  /** Only those that the actor launched, or a token of theirs. */
  readonly mine?: boolean;
  readonly order: RunOrder;
  readonly descending: boolean;
  readonly offset: number;
  readonly limit: number;
}

export interface TableOfRuns {
  /** Runs that fit the filters. */
  readonly total: number;
  readonly items: readonly (RunRow & { readonly notes: string; readonly summary: RunDetail['summary'] })[];
}

/** A part of a project's runs in any order, as a table shows it. Runs without a value come last, whichever way. */
export async function tableOfRuns(db: Db, context: Context, input: TableOfRunsInput): Promise<TableOfRuns> {
  const { organisationId, states = null, tag = null, search = '', archived = false, mine = false } = input;
  return reading(async () => {
    const project = await db.prisma.project.findFirst({
      where: { organisationId, slug: input.project },
      select: { id: true },
    });
    const { userId } = await authorise(db.prisma, context, organisationId, 'runs:read', project?.id ?? null);
    if (project === null) throw notFound('project');
    const filter = `run.organisation_id = $1 AND run.project_id = $2 AND run.deleted_at IS NULL
      AND (run.archived_at IS NOT NULL) = $3 AND ($4::text[] IS NULL OR run.state::text = ANY($4))
      AND ($5::text IS NULL OR $5 = ANY(run.tags)) AND position(lower($6) IN lower(run.name)) > 0
      AND (NOT $7 OR run.created_by_user_id = $8)`;
    const values = [organisationId, project.id, archived, states, tag, search, mine, userId];
    const direction = input.descending ? 'DESC' : 'ASC';
    const [counted, ordered] = await Promise.all([
      db.pool.query<{ total: number }>(`SELECT count(*) AS total FROM run WHERE ${filter}`, values),
      db.pool.query<{ id: string }>(
        `SELECT run.id FROM run JOIN run_progress AS progress ON progress.run_id = run.id WHERE ${filter}
         ORDER BY ${orders[input.order]} ${direction} NULLS LAST, run.id DESC LIMIT $9 OFFSET $10`,
        [...values, input.limit, input.offset],
      ),
    ]);
    const runIds = ordered.rows.map(({ id }) => id);
    const [rows, summaries] = await Promise.all([
      db.prisma.run.findMany({ where: { id: { in: runIds } }, select: { ...runRowSelect, notes: true } }),
      runSummaries(db, context, { organisationId, runIds }),
    ]);
    const names = await creatorNames(db.prisma, rows);
    const found = new Map(rows.map((row) => [row.id, row]));
    return {
      total: counted.rows[0]?.total ?? 0,
      items: runIds.flatMap((id) => {
        const row = found.get(id);
        if (row === undefined) return [];
        return [{ ...toRunRow(row, names), notes: row.notes, summary: summaries[id] ?? {} }];
      }),
    };
  });
}
