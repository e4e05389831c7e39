import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { openSession, type SessionConfig, sessionClose } from '@lockstep/kernels-native';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type SessionData, writeSessionData } from '../sessions/session-data.js';
import { edgeData, sessionConfig } from './session-config.js';

const run = promisify(execFile);
const script = fileURLToPath(new URL('fuzz-config.mjs', import.meta.url));

let data: SessionData;
let config: SessionConfig;
beforeAll(async () => {
  data = await writeSessionData(edgeData);
  config = sessionConfig(data);
});
afterAll(() => data.remove());

/** The configuration with one place changed. */
function changed(path: string, value: unknown): SessionConfig {
  const copy = structuredClone(config);
  const keys = path.split('.');
  const last = keys.pop() ?? '';
  // biome-ignore lint/suspicious/noExplicitAny: any place of the configuration, by path
  const owner = keys.reduce((object: any, key) => object[key], copy);
  if (value === undefined) delete owner[last];
  else owner[last] = value;
  return copy;
}

/** Every field of the configuration once, elements of arrays by their first. */
function fieldsOf(value: unknown, path = ''): string[] {
  if (typeof value !== 'object' || value === null) return [];
  const keys = Array.isArray(value)
    ? value.length > 0 && typeof value[0] === 'object'
      ? ['0']
      : []
    : Object.keys(value);
  return keys.flatMap((key) => [
    ...(Array.isArray(value) ? [] : [`${path}${key}`]),
    ...fieldsOf((value as Record<string, unknown>)[key], `${path}${key}.`),
  ]);
}

describe('a configuration that is not one', () => {
  it('is refused when any field is missing', async () => {
    const optional = /\.(args|attributes)\./;
    const fields = fieldsOf(config).filter((path) => !optional.test(path));
    expect(fields.length).toBeGreaterThan(60);
    for (const path of fields) {
      expect(() => openSession(changed(path, undefined), null), path).toThrow(/missing|must be|expected/);
    }
  });

  it.each([
    ['rank', 1],
    ['worldSize', 0],
    ['worldSize', 2],
    ['threads', 0],
    ['threads', 3],
    ['threads', 2 ** 32],
    ['lanes', 3],
    ['lanes', 2048],
    ['evaluationLanes', 0],
    ['evaluationLanes', 3],
    ['batchSize', 0],
    ['scale', []],
    ['scale', [1, 1, 1, 1, 1]],
    ['plan.isa', 'sse2'],
    ['plan.isa', 'avx2'],
    ['plan.classes', 4],
    ['plan.sampleShape', [1, 6, 7]],
    ['plan.parameterElements', 2 ** 40],
    ['plan.statisticElements', 2 ** 40],
    ['plan.bufferElements', 2 ** 40],
    ['plan.parameters.0.offset', 2 ** 40],
    ['plan.parameters.0.elements', 1],
    ['plan.parameters.0.shape', [2 ** 20, 2 ** 20]],
    ['plan.variants.0.batch', 2 ** 33],
    ['plan.variants.0.arenaBytes', 64],
    ['plan.variants.0.scratchOffset', 2 ** 50],
    ['plan.variants.0.input', -1],
    ['plan.variants.0.label', -1],
    ['plan.variants.0.output', -1],
    ['plan.variants.0.forwardCalls', 1000],
    ['plan.variants.0.tensors.0.offset', 2 ** 40],
    ['plan.variants.0.tensors.0.layout', 'no-such-layout'],
    ['plan.variants.0.tensors.0.region', 'elsewhere'],
    ['plan.variants.0.calls.0.kernel', 'conv3d.forward'],
    ['plan.variants.0.prepare', [99]],
    ['train.path', '/nowhere'],
    ['train.labelsOffset', 2 ** 40],
  ])('is refused when %s is %s', async (path, value) => {
    const attempt = async () => sessionClose(await openSession(changed(path, value), null));
    await expect(attempt()).rejects.toThrow(Error);
  });

  it('never crashes the process, however it is broken', async () => {
    const file = join(data.folder, 'config.json');
    await writeFile(file, JSON.stringify(config));
    const count = Number(process.env.LOCKSTEP_FUZZ_COUNT ?? 5_000);
    // Two processes, as the machine has cores; an allocation that a broken plan asks for may not take the machine down.
    const parts = [0, 1].map(async (part) => {
      const half = count / 2;
      const limit = process.env.ASAN_OPTIONS === undefined ? 'ulimit -v 40000000; ' : ''; // Sanitizers map far more than there is.
      const command = `${limit}exec "$0" "$@"`;
      const seeds = [`${1 + part * half}`, `${half}`];
      const options = { maxBuffer: 2 ** 26 };
      const call = run('bash', ['-c', command, process.execPath, script, file, ...seeds], options);
      const { stdout } = await call.catch((error: Error & { stderr: string; signal: string | null }) => {
        const last = error.stderr.trim().split('\n').slice(-3).join('\n');
        throw new Error(`the process ended with ${error.signal ?? 'an error'} after:\n${last}`);
      });
      return JSON.parse(stdout) as { refused: number; opened: number };
    });
    const [a, b] = await Promise.all(parts);
    expect((a?.refused ?? 0) + (a?.opened ?? 0) + (b?.refused ?? 0) + (b?.opened ?? 0)).toBe(count);
    // Both kinds happen: what is broken is found, and what is not broken runs.
    expect(a?.refused).toBeGreaterThan(count / 10);
    expect(a?.opened).toBeGreaterThan(count / 20);
  });
});
