import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exitCodes } from '@lockstep/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Platform, removePlatform, startPlatform } from '../../../tools/services/platform.mjs';
import { type CliEnd, lockstep } from './cli-process.js';

// The whole service, as `npm run demo` starts it: Postgres, Temporal, web, control, two agents with their trainers.
let cwd: string;
let platform: Platform;
let environment: Record<string, string>;

const objectOf = (stdout: string) => JSON.parse(stdout.trim().split('\n').at(-1) as string) as Record<string, unknown>;
const command = (...args: string[]): Promise<CliEnd> => lockstep(args, { cwd, environment });

beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'lockstep-service-'));
  platform = await startPlatform(join(cwd, 'service'));
  environment = { LOCKSTEP_URL: platform.url, LOCKSTEP_TOKEN: platform.account.token };
  for (const name of ['LOCKSTEP_DATA_DIR', 'LOCKSTEP_CACHE_DIR', 'PYTHON']) {
    const value = process.env[name];
    if (value !== undefined) environment[name] = value;
  }
  const example = await readFile(new URL('../../../examples/lenet5.yaml', import.meta.url), 'utf8');
  const { items } = (await platform.api.get('/nodes')) as { items: { isas: string[] }[] };
  const isa = items.every(({ isas }) => isas.includes('avx512_core')) ? '' : 'isa: avx2\n';
  const short = `${example}\n${isa}`.replace('epochs: 3', 'epochs: 1');
  await writeFile(join(cwd, 'short.yaml'), short);
  await writeFile(join(cwd, 'long.yaml'), short.replace('epochs: 1', 'epochs: 9000'));
  const mlp = await readFile(new URL('../../../examples/mlp.yaml', import.meta.url), 'utf8');
  await writeFile(join(cwd, 'broken.yaml'), `${mlp}\n${isa}`.replace(/learningRate: .*/, 'learningRate: 1000000'));
});

afterAll(async () => {
  await platform?.stop();
  await removePlatform(join(cwd, 'service'));
  await rm(cwd, { recursive: true, force: true });
});

describe('one spec', () => {
  it('has the same digests by REST, by the command line and without any service, on one node and on two', async () => {
    const alone = await command('train', 'short.yaml', '--workers', '1', '--json');
    expect(alone.code).toBe(exitCodes.ok);
    const { weightsDigest, stateDigest, testAccuracy } = objectOf(alone.stdout);
    expect(weightsDigest).toMatch(/^[0-9a-f]{64}$/);
    const expected = { state: 'completed', weightsDigest, stateDigest, testAccuracy };

    const pair = await command('train', 'short.yaml', '--workers', '2', '--json');
    expect(objectOf(pair.stdout)).toMatchObject({ ...expected, workers: 2 });
    for (const workers of [1, 2]) {
      const spec = await readFile(join(cwd, 'short.yaml'), 'utf8');
      const { id } = await platform.api.send('POST', '/runs', { project: platform.account.project, spec, workers });
      let run: Record<string, unknown>;
      do run = await platform.api.get(`/runs/${id}/wait?timeoutSeconds=20`);
      while (run.finishedAt === null);
      expect([run.state, run.workers, run.result]).toMatchObject([
        'completed',
        workers,
        { weightsDigest, stateDigest, testAccuracy },
      ]);

      const launched = await command('launch', 'short.yaml', '--workers', `${workers}`, '--watch', '--json');
      expect(launched.code).toBe(exitCodes.ok);
      expect(objectOf(launched.stdout)).toMatchObject({ ...expected, workers });
    }
  });

  it('gives files that hold what was trained', async () => {
    const launched = await command('launch', 'short.yaml', '--watch', '--json');
    const { runId, weightsDigest } = objectOf(launched.stdout) as Record<string, string>;
    const downloaded = await command('download', runId as string, '--output', 'files', '--json');
    expect([downloaded.code, downloaded.stderr]).toEqual([exitCodes.ok, '']);
    const digest = await command('digest', 'files', '--json');
    expect(objectOf(digest.stdout)).toMatchObject({ weightsDigest });
  });
});

describe('exit codes', () => {
  it('tell a run that failed', async () => {
    const { code, stdout } = await command('launch', 'broken.yaml', '--watch', '--json');
    expect(objectOf(stdout)).toMatchObject({ state: 'failed', reason: 'non-finite' });
    expect(code).toBe(exitCodes.failed);
  });

  it('tell a run that was cancelled', async () => {
    const { stdout } = await command('launch', 'long.yaml', '--json');
    const { runId } = objectOf(stdout) as Record<string, string>;
    expect((await command('cancel', runId as string)).code).toBe(exitCodes.ok);
    const watched = await command('watch', runId as string, '--json');
    expect(objectOf(watched.stdout)).toMatchObject({ state: 'cancelled' });
    expect(watched.code).toBe(exitCodes.cancelled);
  });

  it('tell a token that is not valid, and a service that is not there', async () => {
    const wrong = { LOCKSTEP_TOKEN: `${platform.account.token.slice(0, -1)}_` };
    const refused = await lockstep(['runs'], { cwd, environment: { ...environment, ...wrong } });
    expect([refused.code, refused.stdout]).toEqual([exitCodes.unauthorised, '']);
    const away = { LOCKSTEP_URL: 'http://127.0.0.1:1' };
    const unreached = await lockstep(['runs'], { cwd, environment: { ...environment, ...away } });
    expect([unreached.code, unreached.stdout]).toEqual([exitCodes.infrastructure, '']);
  });
});
