// A data folder has one owner at a time. What an owner that was killed left running is ended before the next one begins.
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { withLock } from '../lib/lock.mjs';
import { Fixable } from '../lib/phases.mjs';
import { stopPostgres } from './postgres.mjs';
import { endProcess, identify, isThere } from './process-identity.mjs';
import { stopTemporal } from './temporal.mjs';

const patienceMs = 10_000;

function read(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return null;
  }
}

/**
 * Makes this process the owner of a folder with a platform's data. Throws `Fixable` where another one lives.
 *
 * @param {string} folder
 * @returns {Promise<{ note: (facts: { url?: string, pids?: number[] }) => void, release: () => void }>} `note` remembers
 *   what a later owner has to know
 */
export async function ownFolder(folder, onLeftovers = () => {}) {
  mkdirSync(folder, { recursive: true, mode: 0o711 });
  const file = join(folder, 'owner.json');
  const facts = { ...identify(process.pid), url: null, processes: [] };
  const write = () => {
    writeFileSync(`${file}.new`, JSON.stringify(facts), { mode: 0o600 });
    renameSync(`${file}.new`, file);
  };
  await withLock(join(folder, 'owner.lock'), async () => {
    const known = read(file);
    if (known !== null && isThere(known))
      throw new Fixable(
        `The service of ${folder} runs already${known.url === null ? '' : `: ${known.url}`} (process ${known.pid}).`,
        'Use that one, or end it with Ctrl-C in its terminal.',
      );
    if (known !== null) onLeftovers();
    write();
    await endLeftovers(folder, known);
  });
  return {
    note: ({ url = facts.url, pids = [] }) => {
      facts.url = url;
      facts.processes = pids.map(identify);
      write();
    },
    release: () => rmSync(file, { force: true }),
  };
}

async function endLeftovers(folder, known) {
  await Promise.all((known?.processes ?? []).map((each) => endProcess(each, patienceMs)));
  await stopTemporal(join(folder, 'temporal'));
  await stopPostgres(join(folder, 'postgres'));
}
