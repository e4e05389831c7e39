import type { ReasonCode, Run, RunDetail } from '@lockstep/contracts';
import type { Prisma } from '../../generated/prisma/client.js';

/** A run without the address of its page, which the web application knows. */
export type RunRow = Omit<Run, 'url'>;
export type RunDetailRow = Omit<RunDetail, 'url'>;

export const runRowSelect = {
  id: true,
  organisationId: true,
  name: true,
  tags: true,
  group: true,
  state: true,
  reason: true,
  waitingReason: true,
  workers: true,
  threads: true,
  minimumWorkers: true,
  testAccuracy: true,
  testLoss: true,
  weightsDigest: true,
  stateDigest: true,
  failure: true,
  createdAt: true,
  startedAt: true,
  endedAt: true,
  archivedAt: true,
  createdByKind: true,
  createdById: true,
  createdByUserId: true,
  project: { select: { slug: true, organisation: { select: { slug: true } } } },
  experiment: { select: { slug: true } },
  progress: {
    select: {
      cursor: true,
      generation: true,
      step: true,
      totalSteps: true,
      epoch: true,
      totalEpochs: true,
      samplesPerSecond: true,
    },
  },
} satisfies Prisma.RunSelect;

type Selected = Prisma.RunGetPayload<{ select: typeof runRowSelect }>;

/** @param names of users and tokens by id */
export function toRunRow(run: Selected, names: ReadonlyMap<string, string>): RunRow {
  const { progress } = run;
  if (progress === null) throw new Error(`run ${run.id} has no progress row`);
  const hasResult = run.weightsDigest !== null || run.testAccuracy !== null || run.testLoss !== null;
  return {
    id: run.id,
    organisation: run.project.organisation.slug,
    project: run.project.slug,
    experiment: run.experiment.slug,
    name: run.name,
    tags: run.tags,
    group: run.group,
    state: run.state,
    reason: run.reason as ReasonCode | null,
    waitingFor: run.waitingReason,
    workers: run.workers,
    threads: run.threads,
    minimumWorkers: run.minimumWorkers,
    generation: progress.generation === 0 ? null : progress.generation,
    step: Number(progress.step),
    totalSteps: Number(progress.totalSteps),
    epoch: progress.epoch,
    epochs: progress.totalEpochs,
    samplesPerSecond: progress.samplesPerSecond,
    result: hasResult
      ? {
          testAccuracy: run.testAccuracy,
          testLoss: run.testLoss,
          weightsDigest: run.weightsDigest,
          stateDigest: run.stateDigest,
        }
      : null,
    failure: run.failure as RunRow['failure'],
    createdAt: run.createdAt.toISOString(),
    startedAt: run.startedAt?.toISOString() ?? null,
    finishedAt: run.endedAt?.toISOString() ?? null,
    archivedAt: run.archivedAt?.toISOString() ?? null,
    createdBy: {
      kind: run.createdByKind as RunRow['createdBy']['kind'],
      name: names.get(run.createdById) ?? run.createdById,
    },
  };
}

/** Names of whoever created these runs. */
export async function creatorNames(
  reader: { user: Prisma.UserDelegate; apiToken: Prisma.ApiTokenDelegate },
  runs: readonly Pick<Selected, 'createdByKind' | 'createdById'>[],
): Promise<Map<string, string>> {
  const idsOf = (kind: string): string[] => [
    ...new Set(runs.filter((run) => run.createdByKind === kind).map((run) => run.createdById)),
  ];
  const users = idsOf('user');
  const tokens = idsOf('token');
  const rows = [
    ...(users.length === 0
      ? []
      : await reader.user.findMany({ where: { id: { in: users } }, select: { id: true, name: true } })),
    ...(tokens.length === 0
      ? []
      : await reader.apiToken.findMany({ where: { id: { in: tokens } }, select: { id: true, name: true } })),
  ];
  return new Map(rows.map(({ id, name }) => [id, name]));
}
