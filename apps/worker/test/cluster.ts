import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  controlTaskQueue,
  isFinalRunState,
  type ResolvedSpec,
  type RunState,
  runSignals,
  runWorkflowId,
  workflowTypes,
} from '@lockstep/contracts';
import { createNodeCredential, createRun, type Db, getRun, registerDatasetVersion } from '@lockstep/db';
import {
  createTestDatabase,
  makeOrganisation,
  system,
  type TestDatabase,
  type TestOrganisation,
} from '@lockstep/db/testing';
import { resolveRunSpec } from '@lockstep/engine/graph';
import { type ResolvedDataset, resolveDataset, superviseRun } from '@lockstep/trainer';
import { Client, Connection } from '@temporalio/client';
import { type NodeApiServer, startNodeApi } from './node-api-server.js';

const agentMain = fileURLToPath(new URL('../dist/agent/main.js', import.meta.url));
const controlMain = fileURLToPath(new URL('../dist/control/main.js', import.meta.url));

export interface Process {
  name: string;
  pid: number;
  child: ChildProcess;
  /** What it printed last. */
  output(): string;
  kill(signal?: NodeJS.Signals): Promise<void>;
}

export interface AgentProcess extends Process {
  nodeId: string;
  folder: string;
  /** The same node again, after it ended. */
  restart(): Promise<AgentProcess>;
}

export interface NewRun {
  spec: Record<string, unknown>;
  workers?: number;
  minimumWorkers?: number;
  threads?: number;
}

/** Real Postgres, Temporal, control and agents; the node API over the real verbs. One for each suite. */
export class Cluster {
  private readonly processes = new Set<Process>();

  private constructor(
    readonly database: TestDatabase,
    readonly organisation: TestOrganisation,
    readonly api: NodeApiServer,
    readonly client: Client,
    private readonly connection: Connection,
    readonly temporalAddress: string,
    readonly folder: string,
    readonly dataset: ResolvedDataset,
  ) {}

  static async start(temporalAddress = process.env.LOCKSTEP_TEST_TEMPORAL_ADDRESS ?? ''): Promise<Cluster> {
    const folder = await mkdtemp(join(tmpdir(), 'lockstep-cluster-'));
    const dataset = await resolveDataset('mnist', { ...dataFolders(), baseDir: '/' });
    const database = await createTestDatabase();
    const organisation = await makeOrganisation(database.db);
    await registerDatasetVersion(database.db, system, {
      organisationId: organisation.organisationId,
      name: 'mnist',
      facts: dataset.facts,
    });
    const api = await startNodeApi(database.db, { address: temporalAddress, namespace: 'default' });
    const connection = await Connection.connect({ address: temporalAddress });
    const client = new Client({ connection });
    return new Cluster(database, organisation, api, client, connection, temporalAddress, folder, dataset);
  }

  get db(): Db {
    return this.database.db;
  }

  startControl(): Promise<Process> {
    return this.spawn('control', controlMain, {
      LOCKSTEP_DATABASE_URL: this.database.url,
      LOCKSTEP_TEMPORAL_ADDRESS: this.temporalAddress,
      LOCKSTEP_CONTROL_DIR: join(this.folder, 'control'),
      LOCKSTEP_WEB_URL: this.api.url,
    });
  }

  async startAgent(name: string, more: Record<string, string> = {}): Promise<AgentProcess> {
    const { organisationId } = this.organisation;
    const { nodeId, secret } = await createNodeCredential(this.db, system, { organisationId, name });
    const folder = join(this.folder, name);
    const credential = join(this.folder, `${name}.credential`);
    await writeFile(credential, secret, { mode: 0o600 });
    const begin = async (): Promise<AgentProcess> => {
      const started = await this.spawn(name, agentMain, {
        LOCKSTEP_API_URL: this.api.url,
        LOCKSTEP_NODE_CREDENTIAL_FILE: credential,
        LOCKSTEP_AGENT_DIR: folder,
        LOCKSTEP_AGENT_NAME: name,
        LOCKSTEP_AGENT_CORES: '1',
        ...more,
      });
      return { ...started, nodeId, folder, restart: begin };
    };
    return begin();
  }

  resolve(spec: Record<string, unknown>): ResolvedSpec {
    return resolveRunSpec({ dataset: 'mnist', ...spec } as never, this.dataset.facts as never);
  }

  async createRun({ spec, ...size }: NewRun): Promise<string> {
    const { organisationId, project, owner } = this.organisation;
    const { runId } = await createRun(
      this.db,
      owner.context,
      { organisationId, project, spec: { dataset: 'mnist', ...spec }, ...size },
      // Undefined is what the file's types may have; the value has none.
      { resolve: (requested, facts) => resolveRunSpec(requested, facts as never) },
    );
    await this.client.workflow.start(workflowTypes.run, {
      workflowId: runWorkflowId(runId),
      taskQueue: controlTaskQueue,
      args: [{ runId, carried: null }],
    });
    return runId;
  }

  async cancel(runId: string): Promise<void> {
    await this.client.workflow.getHandle(runWorkflowId(runId)).signal(runSignals.cancel);
  }

  async run(runId: string) {
    return getRun(this.db, this.organisation.owner.context, {
      organisationId: this.organisation.organisationId,
      runId,
    });
  }

  /** Resolves when the run is in one of the states, and is not past them. */
  async until(runId: string, isReached: (run: Awaited<ReturnType<Cluster['run']>>) => boolean, what: string) {
    const deadline = performance.now() + 120_000;
    for (;;) {
      const run = await this.run(runId);
      if (isReached(run)) return run;
      if (isFinalRunState(run.state as RunState) || performance.now() > deadline)
        throw new Error(`${runId} never was ${what}; it is ${JSON.stringify(run, null, 1)}\n${this.outputs()}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  untilFinal(runId: string) {
    return this.until(runId, ({ state }) => isFinalRunState(state as RunState), 'at its end');
  }

  untilStep(runId: string, step: number) {
    return this.until(runId, (run) => run.state === 'training' && Number(run.step) >= step, `at step ${step}`);
  }

  /** What the run comes to on one machine without any of this. */
  async undisturbed(
    spec: Record<string, unknown>,
  ): Promise<{ weightsDigest: string | null; stateDigest: string | null }> {
    const resolved = this.resolve(spec);
    const runDir = await mkdtemp(join(this.folder, 'supervised-'));
    const { weightsDigest, stateDigest } = await superviseRun({
      spec: resolved,
      requestedText: null,
      runDir: join(runDir, 'run'),
      resume: false,
      workers: 1,
      threads: 1,
      shards: { train: this.dataset.train.path, validation: this.dataset.validation.path },
      deadlineMs: 30_000,
      now: () => performance.now(),
      onEvent: () => undefined,
    }).finished;
    return { weightsDigest, stateDigest };
  }

  /** Process ids of the agents that local pools have started. */
  async localAgents(): Promise<number[]> {
    const names = await readdir(join(this.folder, 'control'), { recursive: true }).catch(() => []);
    const notes = names.filter((name) => name.endsWith('process.json'));
    const texts = await Promise.all(notes.map((name) => readFile(join(this.folder, 'control', name), 'utf8')));
    return texts.map((text) => (JSON.parse(text) as { pid: number }).pid);
  }

  outputs(): string {
    return [...this.processes].map((each) => `--- ${each.name}\n${each.output()}`).join('\n');
  }

  async close(): Promise<void> {
    for (const pid of await this.localAgents()) if (!(await isGone(pid))) process.kill(pid, 'SIGTERM');
    await Promise.all([...this.processes].map((each) => each.kill('SIGTERM')));
    await this.connection.close();
    await this.api.close();
    await this.database.close();
    await rm(this.folder, { recursive: true, force: true });
  }

  private spawn(name: string, program: string, environment: Record<string, string>): Promise<Process> {
    const { PATH = '', HOME = homedir(), LOCKSTEP_CACHE_DIR, LOCKSTEP_DATA_DIR } = process.env;
    const child = spawn(process.execPath, [program], {
      env: {
        PATH,
        HOME,
        ...(LOCKSTEP_CACHE_DIR ? { LOCKSTEP_CACHE_DIR } : {}),
        ...(LOCKSTEP_DATA_DIR ? { LOCKSTEP_DATA_DIR } : {}),
        ...environment,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    const closed = new Promise<void>((resolve) => child.once('close', () => resolve()));
    const started: Process = {
      name,
      pid: child.pid ?? 0,
      child,
      output: () => output.slice(-4000),
      kill: async (signal = 'SIGKILL') => {
        child.kill(signal);
        await closed;
        this.processes.delete(started);
      },
    };
    this.processes.add(started);
    return new Promise((resolve, reject) => {
      child.stderr.on('data', (bytes: Buffer) => {
        output += bytes.toString();
      });
      child.stdout.on('data', (bytes: Buffer) => {
        output += bytes.toString();
        if (bytes.toString().includes('"ready":true')) resolve(started);
      });
      void closed.then(() => reject(new Error(`${name} ended before it was ready:\n${output}`)));
    });
  }
}

function dataFolders() {
  return {
    cacheDir: process.env.LOCKSTEP_CACHE_DIR ?? join(homedir(), '.cache', 'lockstep'),
    dataDir: process.env.LOCKSTEP_DATA_DIR ?? null,
  };
}

/** Process ids of the living ranks below a process. */
export async function ranksOf(pid: number): Promise<number[]> {
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '');
  return children.trim().split(' ').filter(Boolean).map(Number);
}

/** Also a process that only waits for its parent to read its exit code is gone. */
export async function isGone(pid: number): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null);
  return stat === null || stat.slice(stat.lastIndexOf(')') + 2).startsWith('Z');
}
