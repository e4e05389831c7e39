import { setTimeout as wait } from 'node:timers/promises';
import type { AgentActivities } from '@lockstep/contracts';
import { NativeConnection, Worker } from '@temporalio/worker';

interface AgentWorkerOptions {
  address: string;
  namespace: string;
  taskQueue: string;
  identity: string;
  activities: AgentActivities;
  log: (line: string) => void;
  /** Called once, when the first poll is about to begin. */
  onPolling: () => void;
}

/** Every rank of a node holds one slot for its watch; orders to stop and to start must never wait for one. */
const slots = 1024;
const retryMs = 1000;

/** Polls the agent's own task queue, and begins again whenever the connection cannot be made or the worker breaks. */
export class AgentWorker {
  private worker: Worker | null = null;
  private readonly ending = new AbortController();
  private ended: Promise<void> = Promise.resolve();

  constructor(private readonly options: AgentWorkerOptions) {}

  begin(): void {
    this.ended = this.run();
  }

  async close(): Promise<void> {
    this.ending.abort();
    if (this.worker?.getState() === 'RUNNING') this.worker.shutdown();
    await this.ended;
  }

  private async run(): Promise<void> {
    const { signal } = this.ending;
    while (!signal.aborted) {
      try {
        await this.once();
      } catch (error) {
        this.options.log(`Temporal: ${error instanceof Error ? error.message : String(error)}`);
      }
      await wait(retryMs, undefined, { signal }).catch(() => undefined);
    }
  }

  private async once(): Promise<void> {
    const { address, namespace, taskQueue, identity, activities, onPolling } = this.options;
    const connection = await NativeConnection.connect({ address });
    try {
      this.worker = await Worker.create({
        connection,
        namespace,
        taskQueue,
        identity,
        activities: { ...activities },
        maxConcurrentActivityTaskExecutions: slots,
        shutdownGraceTime: 0,
        shutdownForceTime: '2s',
        maxHeartbeatThrottleInterval: '1s',
        defaultHeartbeatThrottleInterval: '1s',
      });
      if (this.ending.signal.aborted) return;
      onPolling();
      await this.worker.run();
    } finally {
      this.worker = null;
      await connection.close().catch(() => undefined);
    }
  }
}
