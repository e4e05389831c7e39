// The whole service on this machine, its data below one folder: Postgres, Temporal, web, control, agents. Each is started
// when what it needs is there, and stopped in the other order.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { root } from '../lib/paths.mjs';
import { runCommand } from '../lib/run-command.mjs';
import { provideAccount } from './account.mjs';
import { ServiceFailed, startPostgres } from './postgres.mjs';
import { startProcess } from './processes.mjs';
import { Api } from './public-interface.mjs';
import { startTemporal } from './temporal.mjs';
import { buildWeb, startWeb } from './web.mjs';

const healthMs = 60_000;
const program = (name) => join(root, 'apps', 'worker', 'dist', name, 'main.js');

/** What set-up does not build: workflows as one file, and the pages. */
export async function buildService({ logFile, note }) {
  note('workflows');
  await runCommand(process.execPath, [join('apps', 'worker', 'scripts', 'bundle-workflows.mjs')], { logFile });
  note('web');
  return buildWeb({ logFile });
}

/** The types of the database, which the TypeScript build needs. */
export async function generateClient({ logFile }) {
  if (existsSync(join(root, 'packages', 'db', 'src', 'generated', 'prisma'))) return 'up to date';
  await runCommand(process.execPath, [join('packages', 'db', 'scripts', 'generate-client.mjs')], { logFile });
}

/** The port of the last start if it is free, so that bookmarks and sessions stay good. */
function webPort(file) {
  const wanted = existsSync(file) ? Number(readFileSync(file, 'utf8')) : 0;
  const take = (port) =>
    new Promise((resolve, reject) => {
      const server = createServer();
      server.once('error', (error) => (port === 0 ? reject(error) : take(0).then(resolve, reject)));
      server.listen(port, '127.0.0.1', () => {
        const found = server.address().port;
        server.close(() => resolve(found));
      });
    });
  return take(wanted).then((port) => {
    writeFileSync(file, String(port));
    return port;
  });
}

/**
 * @param {string} folder data, secrets and logs
 * @param {{ nodes?: number, note?: (text: string) => void, onEnd?: (sentence: string) => void }} [options] `onEnd` is told
 *   of a process that ended without being asked to
 */
export async function startPlatform(folder, { nodes = 2, note = () => {}, onEnd = () => {} } = {}) {
  mkdirSync(folder, { recursive: true, mode: 0o711 });
  const logs = join(folder, 'logs');
  const started = [];
  let stopping = null;
  const stop = () => {
    stopping ??= (async () => {
      for (const group of started.reverse()) await Promise.all(group.map((each) => each.stop()));
    })();
    return stopping;
  };
  const watch = ({ name, ended, logFile }) =>
    ended.then((how) => {
      if (stopping === null) onEnd(`${name} ${typeof how === 'string' ? how : 'ended'}. Its log: ${logFile}`);
    });
  try {
    note('Postgres and Temporal');
    const services = await Promise.allSettled([
      startPostgres(join(folder, 'postgres'), { endWithParent: true }),
      startTemporal(join(folder, 'temporal'), { note, endWithParent: true }),
    ]);
    started.push(services.flatMap(({ value }) => (value?.started ? [value] : [])));
    const failed = services.find(({ status }) => status === 'rejected');
    if (failed !== undefined) throw failed.reason;
    const [postgres, temporal] = services.map(({ value }) => value);
    const { migrate } = await import(pathToFileURL(join(root, 'packages', 'db', 'dist', 'index.js')).href);
    await migrate(postgres.url);

    note('web and control');
    const port = await webPort(join(folder, 'port'));
    const url = `http://127.0.0.1:${port}`;
    const both = await Promise.allSettled([
      startWeb(join(folder, 'web'), {
        databaseUrl: postgres.url,
        temporalAddress: temporal.address,
        port,
        env: { LOCKSTEP_SIGN_UP: 'open', LOCKSTEP_WEB_URL: url },
      }),
      startProcess({
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
      }),
    ]);
    started.push(both.flatMap(({ value }) => (value ? [value] : [])));
    const broken = both.find(({ status }) => status === 'rejected');
    if (broken !== undefined) throw broken.reason;
    const [web, control] = both.map(({ value }) => value);
    watch({ ...web, name: 'web' });
    watch(control);
    await untilHealthy(url);

    note('agents');
    const names = Array.from({ length: nodes }, (_, index) => `node-${index + 1}`);
    const account = await provideAccount(url, join(folder, 'account.json'), names);
    const agents = await Promise.allSettled(
      names.map((name) => startAgent({ folder, logs, url, name, credential: account.credentials[name] })),
    );
    started.push(agents.flatMap(({ value }) => (value ? [value] : [])));
    const lost = agents.find(({ status }) => status === 'rejected');
    if (lost !== undefined) throw lost.reason;
    for (const { value } of agents) watch(value);

    const api = new Api(url, account.token);
    await untilUsable(api, nodes);
    return {
      url,
      account,
      api,
      databaseUrl: postgres.url,
      temporal: { address: temporal.address, namespace: temporal.namespace },
      logs: [logs, join(folder, 'web'), join(folder, 'postgres')],
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

function startAgent({ folder, logs, url, name, credential }) {
  const home = join(folder, 'agents', name);
  mkdirSync(home, { recursive: true, mode: 0o700 });
  const credentialFile = join(home, 'credential');
  writeFileSync(credentialFile, credential, { mode: 0o600 });
  return startProcess({
    name,
    program: program('agent'),
    logFile: join(logs, `${name}.log`),
    env: {
      LOCKSTEP_API_URL: url,
      LOCKSTEP_NODE_CREDENTIAL_FILE: credentialFile,
      LOCKSTEP_AGENT_DIR: join(home, 'data'),
      LOCKSTEP_AGENT_NAME: name,
      LOCKSTEP_AGENT_CORES: '1',
    },
  });
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
