import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { newId } from '@lockstep/db';
import type { PoolMember, PoolOfProvider, PoolProvider } from './pool-provider.js';

export interface LocalProviderOptions {
  /** Agents keep their files here, one folder each. */
  folder: string;
  /** Program of an agent. */
  agentMain: string;
  /** Makes a node, and gives its credential. */
  createNode: (pool: PoolOfProvider, node: { name: string; providerId: string }) => Promise<{ secret: string }>;
  /** What agents get beside their own settings: the address of the web application, cache and data folders. */
  environment: Readonly<Record<string, string>>;
}

/** The process of an agent: with its start time the id names it for good, also after it was given to another one. */
interface ProcessNote {
  pid: number;
  startTime: string;
}

/**
 * Agents on this machine. Each has a folder with its credential and a note of its process; what there is is read from
 * these and from /proc at every question, so that agents outlive the control worker that started them, and a new one
 * finds them again.
 */
export class LocalProvider implements PoolProvider {
  constructor(private readonly options: LocalProviderOptions) {}

  async members({ poolId }: PoolOfProvider): Promise<PoolMember[]> {
    const members: PoolMember[] = [];
    for (const name of await this.names(poolId)) {
      const folder = join(this.options.folder, poolId, name);
      if ((await livingProcess(folder)) !== null) {
        const isGoing = (await readFile(join(folder, 'going'), 'utf8').catch(() => null)) !== null;
        members.push({ providerId: name, state: isGoing ? 'going' : 'running' });
      } else {
        await rm(folder, { recursive: true, force: true });
      }
    }
    return members;
  }

  async start(pool: PoolOfProvider, count: number): Promise<void> {
    for (let started = 0; started < count; started++) await this.startOne(pool);
  }

  async stop({ poolId }: PoolOfProvider, providerIds: readonly string[]): Promise<void> {
    for (const name of providerIds) {
      const folder = join(this.options.folder, poolId, name);
      const note = await livingProcess(folder);
      if (note === null) continue;
      await writeFile(join(folder, 'going'), '');
      process.kill(note.pid, 'SIGTERM');
    }
  }

  private async names(poolId: string): Promise<string[]> {
    const entries = await readdir(join(this.options.folder, poolId), { withFileTypes: true }).catch(() => []);
    return entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  }

  private async startOne(pool: PoolOfProvider): Promise<void> {
    const { agentMain, createNode, environment } = this.options;
    const providerId = newId('node').replace(/^[a-z]+_/, 'local-');
    const folder = join(this.options.folder, pool.poolId, providerId);
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const name = `${pool.name}-${providerId.slice(-8)}`;
    const { secret } = await createNode(pool, { name, providerId });
    const credential = join(folder, 'credential');
    await writeFile(credential, `${secret}\n`, { mode: 0o600 });
    const log = openSync(join(folder, 'agent.log'), 'a', 0o600);
    try {
      const child = spawn(process.execPath, [agentMain], {
        cwd: folder,
        detached: true,
        stdio: ['ignore', log, log],
        env: {
          ...environment,
          LOCKSTEP_NODE_CREDENTIAL_FILE: credential,
          LOCKSTEP_AGENT_DIR: join(folder, 'data'),
          LOCKSTEP_AGENT_NAME: name,
          LOCKSTEP_AGENT_POOL: pool.name,
          ...agentSettings(pool.settings),
        },
      });
      await new Promise<void>((resolve, reject) => {
        child.once('spawn', resolve);
        child.once('error', reject);
      });
      child.unref();
      const pid = child.pid as number;
      const note: ProcessNote = { pid, startTime: startTime(pid) ?? '' };
      await writeFile(join(folder, 'process.json.new'), JSON.stringify(note));
      await rename(join(folder, 'process.json.new'), join(folder, 'process.json'));
    } finally {
      closeSync(log);
    }
  }
}

/** A pool may say how many cores each of its agents gives to runs: `{"coresPerNode": 1}`. */
function agentSettings(settings: unknown): Record<string, string> {
  const { coresPerNode } = (settings ?? {}) as { coresPerNode?: unknown };
  return typeof coresPerNode === 'number' ? { LOCKSTEP_AGENT_CORES: String(coresPerNode) } : {};
}

async function livingProcess(folder: string): Promise<ProcessNote | null> {
  try {
    const note = JSON.parse(await readFile(join(folder, 'process.json'), 'utf8')) as ProcessNote;
    return startTime(note.pid) === note.startTime ? note : null;
  } catch {
    return null;
  }
}

/** In clock ticks since boot; null where there is no such process, or only its exit code is left. */
function startTime(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? null : (fields[19] ?? null);
  } catch {
    return null;
  }
}
