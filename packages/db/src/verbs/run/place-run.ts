import { agentTaskQueue, isFinalRunState, LockstepError, type ReasonCode } from '@lockstep/contracts';
import type { Context } from '../../access/actor.js';
import { requireSystem } from '../../access/authorise.js';
import type { Db } from '../../database/open-db.js';
import { inTransaction, type Tx } from '../../database/transaction.js';
import { newId } from '../../ids/new-id.js';
import { readLimit } from '../../limits/read-limit.js';
import { choosePlaces } from '../../placement/choose-places.js';
import { type NodeForPlacement, readCandidates } from '../../placement/read-candidates.js';
import { whyWaiting } from '../../placement/why-waiting.js';
import { addEvent } from '../../runs/add-event.js';
import { type LockedRun, lockRun } from '../../runs/lock-run.js';

export interface AllocatedRank {
  readonly rank: number;
  readonly nodeId: string;
  readonly taskQueue: string;
  readonly threads: number;
  readonly cpus: readonly number[];
}

export type Placement =
  | { readonly placed: true; readonly allocations: readonly AllocatedRank[] }
  | {
      readonly placed: false;
      readonly reason: ReasonCode;
      /** Why the run waits, for people. */
      readonly message: string;
    };

interface Wanted {
  readonly workers: number;
  readonly minimumWorkers: number;
  readonly threads: number;
  readonly isa: string;
  readonly nodeClass: string | null;
  readonly waitingReason: string | null;
  readonly datasetVersion: { readonly version: string };
}

/**
 * Gives a run its nodes and CPUs: all of its workers, as many as there are from its minimum on, or nothing and a sentence
 * why. Places that it has already stay; ranks are numbered anew from 0. Placing a run that has its places changes nothing.
 */
export async function placeRun(db: Db, context: Context, { runId }: { runId: string }): Promise<Placement> {
  requireSystem(context);
  return inTransaction(db, async (tx, changed, nodesChanged) => {
    const run = await lockRun(tx, runId, null);
    if (isFinalRunState(run.state)) throw new LockstepError('bad-input.state', `The run is ${run.state}.`);
    const wanted = await tx.run.findUniqueOrThrow({
      where: { id: runId },
      select: {
        workers: true,
        minimumWorkers: true,
        threads: true,
        isa: true,
        nodeClass: true,
        waitingReason: true,
        datasetVersion: { select: { version: true } },
      },
    });
    const nodes = await readCandidates(tx, run.organisationId, wanted.datasetVersion.version);
    const held = await tx.allocation.findMany({ where: { runId, endedAt: null }, orderBy: { rank: 'asc' } });
    const turn = held.length === 0 ? await runsMessage(tx, run.organisationId) : null;
    if (turn !== null) {
      await wait(tx, run, wanted.waitingReason, turn, changed);
      return { placed: false, reason: 'no-capacity', message: turn };
    }
    const missing = wanted.workers - held.length;
    const { usable, nodeClass } = usableNodes(nodes, wanted);
    const budget = await coresLeft(tx, run.organisationId);
    const affordable = Math.max(0, Math.min(missing, Math.floor(budget / wanted.threads)));
    const places = choosePlaces(usable, affordable, wanted.threads);
    if (held.length + places.length < wanted.minimumWorkers) {
      const message =
        held.length + affordable < wanted.minimumWorkers
          ? limitMessage(wanted, budget)
          : whyWaiting(shortage(nodes, wanted, nodeClass, held.length + places.length));
      await wait(tx, run, wanted.waitingReason, message, changed);
      return { placed: false, reason: 'no-capacity', message };
    }
    const byId = new Map(nodes.map((node) => [node.nodeId, node]));
    await renumber(tx, held);
    await tx.allocation.createMany({
      data: places.map(({ nodeId, cpus }, index) => ({
        id: newId('allocation'),
        organisationId: run.organisationId,
        runId,
        nodeId,
        rank: held.length + index,
        cpus: [...cpus],
        nodeType: byId.get(nodeId)?.nodeType ?? '',
        pricePerHour: byId.get(nodeId)?.pricePerHour ?? null,
      })),
    });
    const allocations = [
      ...held.map(({ nodeId, cpus }) => ({ nodeId, cpus })),
      ...places.map(({ nodeId, cpus }) => ({ nodeId, cpus: [...cpus] })),
    ].map(({ nodeId, cpus }, rank) => ({
      rank,
      nodeId,
      taskQueue: agentTaskQueue(nodeId),
      threads: wanted.threads,
      cpus,
    }));
    if (places.length > 0) {
      await tx.run.update({
        where: { id: runId },
        data: { waitingReason: null, ...(wanted.nodeClass === null && nodeClass !== null ? { nodeClass } : {}) },
        select: { id: true },
      });
      const ranks = allocations.map(({ rank, nodeId, cpus }) => ({ rank, nodeId, cores: cpus.length }));
      await addEvent(tx, run, { kind: 'placed', data: { ranks } }, changed);
      nodesChanged(run.organisationId);
    }
    return { placed: true, allocations };
  });
}

/**
 * Nodes that may take ranks of the run: reachable, not draining, with its instruction set and of its class. A run that has
 * no class yet takes the one with most free CPUs, because its ranks must be of one.
 */
function usableNodes(
  nodes: readonly NodeForPlacement[],
  { isa, nodeClass, threads }: Wanted,
): { usable: NodeForPlacement[]; nodeClass: string | null } {
  const able = nodes.filter((node) => node.reachable && !node.draining && node.isas.includes(isa));
  const slots = new Map<string, number>();
  for (const node of able) {
    const name = node.nodeClasses[isa] ?? '';
    slots.set(name, (slots.get(name) ?? 0) + Math.floor(node.freeCpus.length / threads));
  }
  const [largest] = [...slots].sort(([a, free], [b, more]) => more - free || (a < b ? -1 : 1));
  const chosen = nodeClass ?? largest?.[0] ?? null;
  return { usable: able.filter((node) => (node.nodeClasses[isa] ?? '') === chosen), nodeClass: chosen };
}

/** Cores that the organisation's limit leaves. */
async function coresLeft(tx: Tx, organisationId: string): Promise<number> {
  const limit = await readLimit(tx, organisationId, 'cores');
  if (limit === null) return Number.MAX_SAFE_INTEGER;
  const [row] = await tx.$queryRaw<{ cores: bigint }[]>`
    SELECT coalesce(sum(cardinality(cpus)), 0)::bigint AS cores FROM allocation
    WHERE organisation_id = ${organisationId} AND ended_at IS NULL`;
  return limit - Number(row?.cores ?? 0);
}

/** Why one more run may not begin; null if it may. A run that has places goes on. */
async function runsMessage(tx: Tx, organisationId: string): Promise<string | null> {
  const limit = await readLimit(tx, organisationId, 'runs');
  if (limit === null) return null;
  const [row] = await tx.$queryRaw<{ runs: bigint }[]>`
    SELECT count(DISTINCT run_id) AS runs FROM allocation
    WHERE organisation_id = ${organisationId} AND ended_at IS NULL`;
  if (Number(row?.runs ?? 0) < limit) return null;
  return (
    `Waiting for its turn: the organisation's limit is ${limit} ${limit === 1 ? 'run' : 'runs'} at the same time, and ` +
    `${row?.runs ?? 0} ${Number(row?.runs) === 1 ? 'is' : 'are'} at work. It starts when one ends, or when an owner raises the limit.`
  );
}

function limitMessage({ minimumWorkers, threads }: Wanted, budget: number): string {
  return (
    `Waiting for ${minimumWorkers * threads} cores: the organisation's limit leaves ${Math.max(0, budget)} now. ` +
    'It starts when other runs end, or when an owner raises the limit.'
  );
}

function shortage(nodes: readonly NodeForPlacement[], wanted: Wanted, nodeClass: string | null, fitting: number) {
  const { isa, threads } = wanted;
  const reachable = nodes.filter((node) => node.reachable);
  const staying = reachable.filter((node) => !node.draining);
  const able = staying.filter((node) => node.isas.includes(isa));
  const usable = able.filter((node) => (node.nodeClasses[isa] ?? '') === (nodeClass ?? ''));
  const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
  return {
    minimumWorkers: wanted.minimumWorkers,
    threads,
    isa,
    nodes: nodes.length,
    unreachable: nodes.length - reachable.length,
    draining: reachable.length - staying.length,
    withoutIsa: staying.length - able.length,
    otherClass: able.length - usable.length,
    freeCpus: sum(usable.map((node) => node.freeCpus.length)),
    fitting,
    fittingIfEmpty: sum(usable.map((node) => Math.floor(node.cpus.length / threads))),
  };
}

async function wait(
  tx: Tx,
  run: LockedRun,
  before: string | null,
  message: string,
  changed: (runId: string, cursor: number) => void,
): Promise<void> {
  if (before === message) return;
  await tx.run.update({ where: { id: run.id }, data: { waitingReason: message }, select: { id: true } });
  await addEvent(tx, run, { kind: 'waiting', data: { message } }, changed);
}

/** Ranks count from 0 without a gap, also after one was lost. */
async function renumber(tx: Tx, held: readonly { id: string; rank: number }[]): Promise<void> {
  for (const [rank, { id, rank: before }] of held.entries())
    if (rank !== before) await tx.allocation.update({ where: { id }, data: { rank }, select: { id: true } });
}
