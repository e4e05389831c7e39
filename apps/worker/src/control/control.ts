import { existsSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { controlTaskQueue } from '@lockstep/contracts';
import { type Context, createNodeCredential, openDb } from '@lockstep/db';
import { Client, Connection } from '@temporalio/client';
import { NativeConnection, Worker, type WorkerOptions } from '@temporalio/worker';
import { LocalProvider } from '../activities/pool/local-provider.js';
import { createPoolActivities } from '../activities/pool/pool-activities.js';
import { createRunActivities } from '../activities/run/run-activities.js';
import type { ControlEnvironment } from './env.js';
import { sweep } from './sweep.js';

const sweepMs = 5000;
const retryMs = 1000;

export interface ControlOptions {
  environment: ControlEnvironment;
  log: (line: string) => void;
  /** Workflow tasks are taken. */
  onReady: () => void;
}

export interface Control {
  close(): Promise<void>;
}

/** Workflows as they were bundled by the build; from source where there is no build. */
function workflowSource(): Pick<WorkerOptions, 'workflowBundle' | 'workflowsPath'> {
  const bundle = fileURLToPath(new URL('../workflow-bundle.js', import.meta.url));
  if (existsSync(bundle)) return { workflowBundle: { codePath: bundle } };
  return { workflowsPath: fileURLToPath(new URL('../workflows/index.js', import.meta.url)) };
}

/** Serves workflows and their activities, and mends what crashes leave. Several may run at the same time. */
export function startControl({ environment, log, onReady }: ControlOptions): Control {
  const { databaseUrl, temporalAddress: address, namespace } = environment;
  const db = openDb({ url: databaseUrl });
  const context: Context = { actor: { kind: 'system', name: 'control' }, requestId: null, address: null };
  const ending = new AbortController();
  const providers = {
    local: new LocalProvider({
      folder: environment.folder,
      agentMain: fileURLToPath(new URL('../agent/main.js', import.meta.url)),
      createNode: ({ organisationId, name: pool }, { name, providerId }) =>
        createNodeCredential(db, context, { organisationId, pool, name, providerId }),
      environment: environment.agentEnvironment,
    }),
  };
  let worker: Worker | null = null;

  const serve = async () => {
    const connection = await NativeConnection.connect({ address });
    try {
      worker = await Worker.create({
        connection,
        namespace,
        taskQueue: controlTaskQueue,
        ...workflowSource(),
        activities: { ...createRunActivities({ db, context }), ...createPoolActivities({ db, context, providers }) },
        maxConcurrentActivityTaskExecutions: 50,
        // A worker that was killed shall not be waited for.
        stickyQueueScheduleToStartTimeout: '2s',
        shutdownGraceTime: '2s',
      });
      if (ending.signal.aborted) return;
      onReady();
      await worker.run();
    } finally {
      worker = null;
      await connection.close().catch(() => undefined);
    }
  };
  const sweepOften = async () => {
    const connection = Connection.lazy({ address });
    const client = new Client({ connection, namespace });
    try {
      for (;;) {
        await wait(sweepMs, undefined, { signal: ending.signal });
        await sweep({ db, context, client, log });
      }
    } finally {
      await connection.close().catch(() => undefined);
    }
  };
  const untilClosed = async (name: string, work: () => Promise<void>) => {
    while (!ending.signal.aborted) {
      try {
        await work();
      } catch (error) {
        if (!ending.signal.aborted) log(`${name}: ${error instanceof Error ? error.message : String(error)}`);
      }
      await wait(retryMs, undefined, { signal: ending.signal }).catch(() => undefined);
    }
  };
  const loops = [untilClosed('worker', serve), untilClosed('sweep', sweepOften)];
  return {
    close: async () => {
      ending.abort();
      if (worker?.getState() === 'RUNNING') worker.shutdown();
      await Promise.all(loops);
      await db.close();
    },
  };
}
