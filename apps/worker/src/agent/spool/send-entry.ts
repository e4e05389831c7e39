import type { NodeClient } from '../api/node-client.js';
import type { SendEntry } from './spool.js';

/** Entries to the node API. */
export function sendEntriesTo(api: NodeClient): SendEntry {
  return async ({ runId, generation }, entry, signal) => {
    switch (entry.kind) {
      case 'batch':
        await api.call('postBatch', { params: { runId }, body: entry.body, signal });
        return;
      case 'checkpoint':
        await api.call('postCheckpoint', { params: { runId, generation }, body: entry.body, signal });
        return;
      case 'result':
        await api.call('postResult', { params: { runId, generation }, body: entry.body, signal });
        return;
    }
  };
}
