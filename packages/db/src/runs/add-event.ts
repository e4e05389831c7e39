import type { Tx } from '../database/transaction.js';
import type { Prisma } from '../generated/prisma/client.js';
import type { LockedRun } from './lock-run.js';

export interface NewEvent {
  /** `state`, `generation`, `checkpoint`, … */
  readonly kind: string;
  readonly data: Prisma.InputJsonObject;
  readonly generation?: number;
}

/** Appends an event to a locked run, under the next number of its cursor. */
export async function addEvent(
  tx: Tx,
  run: Pick<LockedRun, 'id'>,
  { kind, data, generation }: NewEvent,
  changed: (runId: string, cursor: number) => void,
): Promise<number> {
  const { cursor } = await tx.runProgress.update({
    where: { runId: run.id },
    data: { cursor: { increment: 1 }, updatedAt: new Date() },
    select: { cursor: true },
  });
  await tx.runEvent.create({
    data: { runId: run.id, cursor, kind, generation: generation ?? null, data },
    select: { runId: true },
  });
  changed(run.id, Number(cursor));
  return Number(cursor);
}
