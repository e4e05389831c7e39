import { mkdir, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Client } from '@temporalio/client';
import proto from '@temporalio/proto';

const { History } = proto.temporal.api.history.v1;
const folder = fileURLToPath(new URL('./histories/', import.meta.url));

/** What names the machine that recorded, and says nothing to a replay. */
const emptied = new Set(['identity', 'stackTrace', 'binaryChecksum']);

function scrub(value: object): void {
  for (const [key, inner] of Object.entries(value)) {
    if (emptied.has(key)) (value as Record<string, unknown>)[key] = '';
    else if (typeof inner === 'object' && inner !== null && !ArrayBuffer.isView(inner)) scrub(inner);
  }
}

/**
 * With LOCKSTEP_RECORD_HISTORIES=1, keeps the histories of a workflow, one for each time it continued as new, for
 * `replay.test.ts`. They are encoded as Temporal's protocol has them.
 */
export async function recordHistories(client: Client, workflowId: string, name: string): Promise<void> {
  if (process.env.LOCKSTEP_RECORD_HISTORIES !== '1') return;
  await mkdir(folder, { recursive: true });
  const newest = await client.workflow.getHandle(workflowId).fetchHistory();
  let execution = newest.events?.[0]?.workflowExecutionStartedEventAttributes?.firstExecutionRunId ?? null;
  for (let part = 1; execution; part++) {
    const history = await client.workflow.getHandle(workflowId, execution).fetchHistory();
    scrub(history);
    await writeFile(`${folder}${name}-${part}.history`, History.encode(history).finish());
    execution = history.events?.at(-1)?.workflowExecutionContinuedAsNewEventAttributes?.newExecutionRunId ?? null;
  }
}
