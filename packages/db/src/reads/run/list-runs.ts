import type { RunState } from '@lockstep/contracts';
import type { Context } from '../../access/actor.js';
import { authorise } from '../../access/authorise.js';
import { notFound } from '../../access/refusals.js';
import type { Db } from '../../database/open-db.js';
import { reading } from '../../database/transaction.js';
import { type Page, type PageInput, pageOf, pageSize, requireCursor } from '../paging.js';
import { creatorNames, type RunRow, runRowSelect, toRunRow } from './run-row.js';

export interface ListRunsInput extends PageInput {
  readonly organisationId: string;
  /** Slug of the project; all that the actor may read without it. */
  readonly project?: string;
  readonly experiment?: string;
  readonly states?: readonly RunState[];
  readonly tag?: string;
  readonly group?: string;
  /** Part of the name. */
  readonly search?: string;
  /** Archived ones in place of the others. */
  readonly archived?: boolean;
}

/** Runs, newest first. */
export async function listRuns(db: Db, context: Context, input: ListRunsInput): Promise<Page<RunRow>> {
  const { organisationId, project, experiment, states, tag, group, search, archived = false, cursor, limit } = input;
  return reading(async () => {
    const found =
      project === undefined
        ? null
        : await db.prisma.project.findFirst({ where: { organisationId, slug: project }, select: { id: true } });
    const grant = await authorise(db.prisma, context, organisationId, 'runs:read', found?.id ?? null);
    if (project !== undefined && found === null) throw notFound('project');
    const projectId = found?.id ?? grant.projectId;
    const before = requireCursor(cursor, /^run_[0-9a-f-]{36}$/);
    const size = pageSize(limit);
    const rows = await db.prisma.run.findMany({
      where: {
        organisationId,
        deletedAt: null,
        archivedAt: archived ? { not: null } : null,
        ...(projectId === null ? {} : { projectId }),
        ...(experiment === undefined ? {} : { experiment: { slug: experiment } }),
        ...(states === undefined ? {} : { state: { in: [...states] } }),
        ...(tag === undefined ? {} : { tags: { has: tag } }),
        ...(group === undefined ? {} : { group }),
        ...(search === undefined ? {} : { name: { contains: search, mode: 'insensitive' } }),
        ...(before === undefined ? {} : { id: { lt: before } }),
      },
      orderBy: { id: 'desc' },
      take: size + 1,
      select: runRowSelect,
    });
    const names = await creatorNames(db.prisma, rows);
    return pageOf(
      rows,
      size,
      ({ id }) => id,
      (row) => toRunRow(row, names),
    );
  });
}
