import type { Tx } from '../database/transaction.js';
import type { RunMetricSummary } from '../generated/prisma/client.js';
import { decodePoints } from './points.js';
import { clip, type Summary, summarise } from './summary.js';

/**
 * Points of older attempts after `originStep` count no more, because they are computed again. Nothing is deleted: reads
 * leave them out by the attempts' cut-offs. Summaries of series that had such points are made anew.
 */
export async function supersede(tx: Tx, runId: string, attempt: number, originStep: number): Promise<void> {
  await tx.$executeRaw`
    UPDATE attempt SET cutoff = least(coalesce(cutoff, ${originStep}::bigint), ${originStep}::bigint)
    WHERE run_id = ${runId} AND number < ${attempt}`;
  const stale = await tx.runMetricSummary.findMany({ where: { runId, lastStep: { gt: originStep } } });
  for (const row of stale) await rebuild(tx, row);
}

async function rebuild(tx: Tx, { runId, name, labels, seriesId }: RunMetricSummary): Promise<void> {
  const chunks = await tx.$queryRaw<{ points: number; payload: Uint8Array; cutoff: bigint | null }[]>`
    SELECT chunk.points, chunk.payload, attempt.cutoff
    FROM metric_chunk AS chunk JOIN attempt ON attempt.run_id = ${runId} AND attempt.number = chunk.attempt
    WHERE chunk.series_id = ${seriesId} AND (attempt.cutoff IS NULL OR chunk.first_step <= attempt.cutoff)
    ORDER BY chunk.attempt, chunk.ordinal`;
  let summary: Summary | null = null;
  for (const { points, payload, cutoff } of chunks)
    summary = summarise(summary, clip(decodePoints(payload, points), cutoff === null ? null : Number(cutoff)));
  const where = { runId_name_labels: { runId, name, labels } };
  if (summary === null) await tx.runMetricSummary.delete({ where });
  else await tx.runMetricSummary.update({ where, data: summary });
}
