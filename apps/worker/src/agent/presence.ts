import type { RegisterNodeBody, RegisterNodeResponse } from '@lockstep/contracts';
import { NodeApiError } from './api/node-api-error.js';
import type { NodeClient } from './api/node-client.js';
import type { RankJobs } from './ranks/rank-jobs.js';

interface PresenceOptions {
  api: NodeClient;
  facts: RegisterNodeBody;
  jobs: RankJobs;
  heartbeatSeconds: number;
  /** The server wants this node to go: no new ranks come. */
  onDraining: () => void;
  /** Another agent registered as this node since. */
  onSuperseded: () => void;
  log: (line: string) => void;
}

/** Registers this node; tries until the server answers. */
export function registerNode(
  api: NodeClient,
  facts: RegisterNodeBody,
  signal: AbortSignal,
): Promise<RegisterNodeResponse> {
  return api.persist('register', { body: facts, signal });
}

/** Tells the server that this node is there and what lives on it, and ends what the server does not want any more. */
export class Presence {
  private timer: NodeJS.Timeout | null = null;
  private closed = false;
  private away = false;
  private draining = false;

  constructor(private readonly options: PresenceOptions) {}

  begin(): void {
    void this.beat();
  }

  /** Tells the server that this node goes. */
  async drain(): Promise<void> {
    this.draining = true;
    await this.say().catch(() => undefined);
  }

  close(): void {
    this.closed = true;
    if (this.timer) clearTimeout(this.timer);
  }

  private async beat(): Promise<void> {
    try {
      await this.say();
      if (this.away) this.options.log('the server answers again');
      this.away = false;
    } catch (error) {
      if (!this.away && !this.closed)
        this.options.log(`heartbeat: ${error instanceof Error ? error.message : String(error)}`);
      this.away = true;
      if (error instanceof NodeApiError && error.code === 'bad-input.state') this.options.onSuperseded();
    }
    await this.options.jobs.sweep().catch((error: unknown) => this.options.log(`sweep: ${String(error)}`));
    if (this.closed) return;
    this.timer = setTimeout(() => void this.beat(), this.options.heartbeatSeconds * 1000);
  }

  private async say(): Promise<void> {
    const { api, facts, jobs, heartbeatSeconds } = this.options;
    const ranks = jobs.living.map(({ ref, step }) => ({ ...ref, step }));
    const answer = await api.call('heartbeat', {
      body: { instance: facts.instance, draining: this.draining, ranks },
      timeoutMs: Math.max(5000, heartbeatSeconds * 2000),
    });
    for (const { runId, generation } of answer.stop) await jobs.stopGeneration(runId, generation);
    if (answer.draining && !this.draining) {
      this.draining = true;
      this.options.onDraining();
    }
  }
}
