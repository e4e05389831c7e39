import { mkdir, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Client } from '@temporalio/client';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';

const folder = fileURLToPath(new URL('./histories/', import.meta.url));

/** What names this machine, or says nothing to a replay. */
const dropped = new Set([
  'identity',
  'stackTrace',
  'buildId',
  'binaryChecksum',
  'workerVersion',
  'sdkMetadata',
  'versioningInfo',
]);

function scrubbed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(scrubbed);
  if (typeof value !== 'object' || value === null) return value;
  const kept = Object.entries(value).filter(([key]) => !dropped.has(key));
  return Object.fromEntries(kept.map(([key, inner]) => [key, scrubbed(inner)]));
}

/**
 * With LOCKSTEP_RECORD_HISTORIES=1, keeps the histories of a workflow, one for each time it continued as new, for
 * `replay.test.ts`.
 */
export async function recordHistories(client: Client, workflowId: string, name: string): Promise<void> {
  if (process.env.LOCKSTEP_RECORD_HISTORIES !== '1') return;
  await mkdir(folder, { recursive: true });
  const { firstExecutionRunId } = await firstOf(client, workflowId);
  for (let execution: string | undefined = firstExecutionRunId, part = 1; execution; part++) {
    const history = await client.workflow.getHandle(workflowId, execution).fetchHistory();
    const json = JSON.parse(JSON.stringify(scrubbed(JSON.parse(JSON.stringify(historyToJSON(history))))));
    await writeFile(`${folder}${name}-${part}.json`, `${JSON.stringify(json, null, 1)}\n`);
    const last = history.events?.at(-1);
    execution = last?.workflowExecutionContinuedAsNewEventAttributes?.newExecutionRunId ?? undefined;
  }
}

async function firstOf(client: Client, workflowId: string): Promise<{ firstExecutionRunId: string }> {
  const history = await client.workflow.getHandle(workflowId).fetchHistory();
  const started = history.events?.[0]?.workflowExecutionStartedEventAttributes;
  return { firstExecutionRunId: started?.firstExecutionRunId ?? '' };
}
