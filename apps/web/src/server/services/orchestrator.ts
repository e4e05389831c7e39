import {
  controlTaskQueue,
  LockstepError,
  type RunWorkflowInput,
  runSignals,
  runWorkflowId,
  workflowTypes,
} from '@lockstep/contracts';
import { Client, Connection, WorkflowExecutionAlreadyStartedError, WorkflowNotFoundError } from '@temporalio/client';

/** What the web application asks of workflows: to begin, and to hear that something changed. */
export interface Orchestrator {
  startRun(runId: string): Promise<void>;
  cancelRun(runId: string): Promise<void>;
  /** Null if it answers, otherwise why not. */
  problem(): Promise<string | null>;
  close(): Promise<void>;
}

const deadlineMs = 3000;

/** Temporal. It connects when it is needed, so that the web application also starts and reads without it. */
export class TemporalOrchestrator implements Orchestrator {
  private readonly connection: Connection;
  private readonly client: Client;

  constructor(
    private readonly address: string,
    namespace: string,
  ) {
    this.connection = Connection.lazy({ address });
    this.client = new Client({ connection: this.connection, namespace });
  }

  async startRun(runId: string): Promise<void> {
    const input: RunWorkflowInput = { runId, carried: null };
    await this.within(async () => {
      try {
        await this.client.workflow.start(workflowTypes.run, {
          workflowId: runWorkflowId(runId),
          taskQueue: controlTaskQueue,
          workflowIdReusePolicy: 'REJECT_DUPLICATE',
          args: [input],
        });
      } catch (error) {
        if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
      }
    });
  }

  async cancelRun(runId: string): Promise<void> {
    await this.within(async () => {
      try {
        await this.client.workflow.getHandle(runWorkflowId(runId)).signal(runSignals.cancel);
      } catch (error) {
        // Not started yet, or at its end: the row says what was asked, and the workflow reads it.
        if (!(error instanceof WorkflowNotFoundError)) throw error;
      }
    });
  }

  async problem(): Promise<string | null> {
    try {
      await this.within(() => this.connection.workflowService.getSystemInfo({}));
      return null;
    } catch (error) {
      return (error as Error).message;
    }
  }

  async close(): Promise<void> {
    await this.connection.close();
  }

  private async within<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await this.connection.withDeadline(Date.now() + deadlineMs, work);
    } catch (cause) {
      throw new LockstepError('infrastructure.orchestrator', `Temporal at ${this.address} does not answer.`, { cause });
    }
  }
}
