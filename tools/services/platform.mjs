// The whole service on this machine, its data below one folder: Postgres, Temporal, web, control, agents. Each is started
// when what it needs is there, and stopped in the other order.
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { root } from '../lib/paths.mjs';
import { provideAccount } from './account.mjs';
import { freePort } from './free-port.mjs';
import { ownFolder } from './owned-folder.mjs';
import { removePostgres, ServiceFailed, startPostgres } from './postgres.mjs';
import { startProcess } from './processes.mjs';
import { Api } from './public-interface.mjs';
import { startTemporal } from './temporal.mjs';
import { startWeb } from './web.mjs';

const healthMs = 60_000;
const program = (name) => join(root, 'apps', 'worker', 'dist', name, 'main.js');

/** The port of the last start if it is free, so that bookmarks and sessions stay good. */
async function webPort(file) {
  const port = await freePort(existsSync(file) ? Number(readFileSync(file, 'utf8')) : 0);
  writeFileSync(file, String(port));
  return port;
}

/**
 * A service of the platform that can be ended and started again while the others go on.
 *
 * @typedef {{ name: string, pid: () => number, kill: () => Promise<void>, stop: () => Promise<void>, start: () => Promise<void> }} Member
 */
class Running {
  constructor(name, begin, { onStart, onEnd }) {
    this.name = name;
    this.begin = begin;
    this.onStart = onStart;
    this.onEnd = onEnd;
    this.service = null;
  }

  async start() {
    const service = await this.begin();
    this.service = service;
    this.onStart();
    service.ended?.then((how) => {
      // Whoever stops or kills it takes the service away first.
      if (this.service === service) this.onEnd(`${this.name} ${typeof how === 'string' ? how : 'ended'}`, service);
    });
  }

  pid() {
    return this.service.pid;
  }

  async stop() {
    const { service } = this;
    this.service = null;
    await service?.stop();
  }

  /** Without a chance to clean up. */
  async kill() {
    const { service } = this;
    this.service = null;
    process.kill(service.pid, 'SIGKILL');
    await service.ended;
  }
}

/**
 * @param {string} folder data, secrets and logs
 * @param {{ nodes?: number, note?: (text: string) => void, onEnd?: (sentence: string) => void,
 *   wayOf?: (name: string, way: { apiUrl: string, temporalAddress: string }) => Promise<{ apiUrl: string, temporalAddress: string }> }} [options]
 *   `onEnd` is told of a process that ended without being asked to; `wayOf` gives the addresses at which an agent finds the
 *   node API and Temporal, where they are not the services' own
 * @returns {Promise<{ url: string, account: object, api: Api, logs: string[], members: Record<string, Member>, stop: () => Promise<void> }>}
 */
export async function startPlatform(
  folder,
  { nodes = 2, note = () => {}, onEnd = () => {}, wayOf = async (_, way) => way } = {},
) {
  const owner = await ownFolder(folder, () => note('ending what the last start left'));
  const logs = join(folder, 'logs');
  const groups = [];
  let stopping = null;
  const stop = () => {
    stopping ??= (async () => {
      for (const group of groups.toReversed()) await Promise.all(group.map((each) => each.stop()));
      owner.release();
    })();
    return stopping;
  };
  /** For the next start, should this process be killed. */
  const remember = (url) => owner.note({ url, pids: groups.flat().flatMap(({ service }) => service?.pid ?? []) });
  const startGroup = async (begins) => {
    const group = Object.entries(begins).map(
      ([name, begin]) =>
        new Running(name, begin, {
          onStart: () => remember(),
          onEnd: (sentence, { logFile }) => {
            if (stopping === null) onEnd(`${sentence}. Its log: ${logFile}`);
          },
        }),
    );
    groups.push(group);
    const results = await Promise.allSettled(group.map((each) => each.start()));
    const failed = results.find(({ status }) => status === 'rejected');
    if (failed !== undefined) throw failed.reason;
    return group.map(({ service }) => service);
  };
  try {
    note('Postgres and Temporal');
    const known = { postgres: null };
    const [postgres, temporal] = await startGroup({
      // Whoever is connected finds it again at the same port.
      postgres: async () => {
        const settings = known.postgres === null ? {} : { port: known.postgres.port };
        known.postgres = await startPostgres(join(folder, 'postgres'), { settings, endWithParent: true });
        return onlyOurs(known.postgres);
      },
      temporal: async () => onlyOurs(await startTemporal(join(folder, 'temporal'), { note, endWithParent: true })),
    });
    const { migrate } = await import(pathToFileURL(join(root, 'packages', 'db', 'dist', 'index.js')).href);
    await migrate(postgres.url);

    note('web and control');
    const port = await webPort(join(folder, 'port'));
    const url = `http://127.0.0.1:${port}`;
    await startGroup({
      web: () => startWebOf({ folder, url, port, postgres, temporal }),
      control: () => startControl({ folder, logs, url, postgres, temporal }),
    });
    await untilHealthy(url);

    note('agents');
    const names = Array.from({ length: nodes }, (_, index) => `node-${index + 1}`);
    const account = await provideAccount(url, join(folder, 'account.json'), names);
    const direct = { apiUrl: url, temporalAddress: temporal.address };
    const ways = await Promise.all(names.map((name) => wayOf(name, direct)));
    await startGroup(
      Object.fromEntries(
        names.map((name, index) => [
          name,
          () => startAgent({ folder, logs, name, way: ways[index], credential: account.credentials[name] }),
        ]),
      ),
    );
    const api = new Api(url, account.token);
    await untilUsable(api, nodes);
    remember(url);

    const members = Object.fromEntries(groups.flat().map((each) => [each.name, each]));
    /** Stops some services and starts them again, as they are built now. */
    const restart = async (wanted) => {
      const chosen = Object.values(members).filter(({ name }) => wanted(name));
      await Promise.all(chosen.map((each) => each.stop()));
      if (stopping === null) await Promise.all(chosen.map((each) => each.start()));
    };
    return {
      url,
      account,
      api,
      databaseUrl: postgres.url,
      temporal: { address: temporal.address, namespace: temporal.namespace },
      logs: [logs, join(folder, 'web'), join(folder, 'postgres')],
      members,
      untilIdle: () => untilIdle(api),
      stop,
      restart,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** What was running before, or belongs to somebody else, is not ours to stop. */
function onlyOurs(service) {
  return service.started ? service : { ...service, stop: async () => {} };
}

function startWebOf({ folder, url, port, postgres, temporal }) {
  return startWeb(join(folder, 'web'), {
    databaseUrl: postgres.url,
    temporalAddress: temporal.address,
    port,
    env: { LOCKSTEP_SIGN_UP: 'open', LOCKSTEP_WEB_URL: url, LOCKSTEP_TEMPORAL_NAMESPACE: temporal.namespace },
  });
}

function startControl({ folder, logs, url, postgres, temporal }) {
  return startProcess({
    name: 'control',
    program: program('control'),
    logFile: join(logs, 'control.log'),
    env: {
      LOCKSTEP_DATABASE_URL: postgres.url,
      LOCKSTEP_TEMPORAL_ADDRESS: temporal.address,
      LOCKSTEP_TEMPORAL_NAMESPACE: temporal.namespace,
      LOCKSTEP_WEB_URL: url,
      LOCKSTEP_CONTROL_DIR: join(folder, 'control'),
    },
  });
}

function startAgent({ folder, logs, name, way, credential }) {
  const home = join(folder, 'agents', name);
  mkdirSync(home, { recursive: true, mode: 0o700 });
  const credentialFile = join(home, 'credential');
  writeFileSync(credentialFile, credential, { mode: 0o600 });
  return startProcess({
    name,
    program: program('agent'),
    logFile: join(logs, `${name}.log`),
    env: {
      LOCKSTEP_API_URL: way.apiUrl,
      LOCKSTEP_TEMPORAL_ADDRESS: way.temporalAddress,
      LOCKSTEP_NODE_CREDENTIAL_FILE: credentialFile,
      LOCKSTEP_AGENT_DIR: join(home, 'data'),
      LOCKSTEP_AGENT_NAME: name,
      LOCKSTEP_AGENT_CORES: '1',
    },
  });
}

/** Every node takes runs and has none: the next one gets what it asks for. */
function untilIdle(api) {
  return until('Every node', async () => {
    const { items } = await api.get('/nodes');
    const busy = items.filter(({ state, usedCores }) => state !== 'ready' || usedCores > 0);
    return busy.length === 0
      ? null
      : busy.map(({ name, state, usedCores }) => `${name} is ${state}, ${usedCores} cores in use`).join(', ');
  });
}

/** Removes a stopped platform with all its data. */
export async function removePlatform(folder) {
  await removePostgres(join(folder, 'postgres'));
  rmSync(folder, { recursive: true, force: true });
}

async function until(what, isReached) {
  const deadline = performance.now() + healthMs;
  for (;;) {
    const missing = await isReached();
    if (missing === null) return;
    if (performance.now() > deadline)
      throw new ServiceFailed(`${what} was not ready after ${healthMs / 1000} s: ${missing}`);
    await delay(100);
  }
}

function untilHealthy(url) {
  return until('The web application', async () => {
    const response = await fetch(`${url}/api/health`);
    return response.ok ? null : await response.text();
  });
}

/** Nodes that take runs, and data to run on: an agent brings the sample dataset's facts when it registers. */
function untilUsable(api, nodes) {
  return until('The service', async () => {
    const ready = (await api.get('/nodes')).items.filter(({ state }) => state === 'ready').length;
    if (ready < nodes) return `${ready} of ${nodes} nodes are ready`;
    const { items } = await api.get('/datasets');
    return items.some(({ name, version }) => name === 'mnist' && version !== null)
      ? null
      : 'the dataset mnist is missing';
  });
}
