import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { RegisterNodeBody } from '@lockstep/contracts';
import { rankMainPath, takeRunLock } from '@lockstep/trainer';
import { createAgentActivities } from './activities.js';
import { NodeClient } from './api/node-client.js';
import type { AgentEnvironment } from './env.js';
import { AgentFolders } from './folders.js';
import { nodeFacts } from './node-facts.js';
import { Presence, registerNode } from './presence.js';
import { Datasets } from './ranks/datasets.js';
import { RankJobs } from './ranks/rank-jobs.js';
import { sendEntriesTo } from './spool/send-entry.js';
import { AgentWorker } from './temporal-worker.js';

/** The version that the server is told. */
const agentVersion = '0.1.0';
/** Sample datasets that are prepared when nothing else is to be done, so that the first run needs not wait for them. */
const samples = ['mnist'];

export interface Agent {
  nodeId: string;
  /** Ends every rank process, then everything else. What was not delivered stays on disk. */
  close(): Promise<void>;
}

export interface AgentOptions {
  environment: AgentEnvironment;
  log: (line: string) => void;
  /** The agent takes orders. */
  onReady: (nodeId: string) => void;
  /** The server wants this node to go and nothing lives here any more. */
  onDrained: () => void;
  /** Another agent is this node now. */
  onSuperseded: () => void;
}

export async function startAgent({ environment, log, onReady, onDrained, onSuperseded }: AgentOptions): Promise<Agent> {
  const folders = new AgentFolders(environment.folder);
  await folders.create();
  const lock = await takeRunLock(folders.lock);
  const ending = new AbortController();
  const credential = (await readFile(environment.credentialFile, 'utf8')).trim();
  const api = new NodeClient({ baseUrl: environment.apiUrl, credential, signal: ending.signal });
  const datasets = new Datasets({ cacheDir: environment.cacheDir, dataDir: environment.dataDir, log });
  const jobs = new RankJobs({
    api,
    folders,
    datasets,
    send: sendEntriesTo(api),
    rankMain: environment.testRank?.rankMain ?? rankMainPath,
    environment: { LOCKSTEP_RANK_HOST: environment.address, ...environment.testRank?.environment },
    now: () => performance.now(),
    clock: () => new Date().toISOString(),
    log,
  });
  const facts: RegisterNodeBody = {
    name: environment.name,
    instance: randomUUID(),
    address: environment.address,
    agentVersion,
    ...nodeFacts(environment.cores),
    ...(environment.pool === null ? {} : { pool: environment.pool }),
  };
  const { nodeId, taskQueue, heartbeatSeconds, temporal } = await registerNode(api, facts, ending.signal);
  await jobs.recover();
  const drained = () => {
    if (jobs.living.length === 0) onDrained();
    else void Promise.all(jobs.living.map((job) => job.gone)).then(drained);
  };
  const presence = new Presence({
    api,
    facts,
    jobs,
    heartbeatSeconds,
    onDraining: () => {
      log('draining: no new ranks come here');
      drained();
    },
    onSuperseded,
    log,
  });
  const worker = new AgentWorker({
    address: environment.temporalAddress ?? temporal.address,
    namespace: temporal.namespace,
    taskQueue,
    identity: `agent ${environment.name} ${facts.instance.slice(0, 8)}`,
    activities: createAgentActivities(jobs),
    log,
    onPolling: () => onReady(nodeId),
  });
  presence.begin();
  worker.begin();
  void announceSamples(api, datasets, log, ending.signal);
  return {
    nodeId,
    close: async () => {
      // Ranks first: their watches tell the workflows, while somebody still listens.
      await jobs.close();
      await presence.drain();
      presence.close();
      await worker.close();
      ending.abort();
      await lock.release();
    },
  };
}

async function announceSamples(
  api: NodeClient,
  datasets: Datasets,
  log: (line: string) => void,
  signal: AbortSignal,
): Promise<void> {
  for (const name of samples) {
    try {
      const { dataset, defaultInput = null, ...facts } = (await datasets.sample(name)).facts;
      await api.persist('putDataset', { body: { name, defaultInput, ...facts }, signal });
    } catch (error) {
      if (!signal.aborted) log(`dataset ${name}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
}
