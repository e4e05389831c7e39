import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { finishRun } from '@lockstep/db';
import { system } from '@lockstep/db/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  makeCheckpoint,
  makePlacedRun,
  makeTeam,
  makeToken,
  makeWorld,
  type PlacedRun,
  spec,
  type Team,
  type World,
} from './world.js';

const main = fileURLToPath(new URL('../../../packages/cli/dist/main.js', import.meta.url));

let world: World;
let team: Team;
let home: string;
beforeAll(async () => {
  world = await makeWorld();
  team = await makeTeam(world);
  home = await mkdtemp(join(tmpdir(), 'lockstep-cli-service-'));
  await writeFile(join(home, 'spec.yaml'), spec);
});
afterAll(async () => {
  await world?.close();
  await rm(home, { recursive: true, force: true });
});

interface End {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** The command line as a process of its own; signed in by what `login` wrote, unless the environment says otherwise. */
function lockstep(
  args: readonly string[],
  { input = '', env = {} }: { input?: string; env?: Record<string, string> } = {},
) {
  const child = spawn(process.execPath, [main, ...args], {
    cwd: home,
    env: { PATH: process.env.PATH, HOME: home, ...env } as unknown as NodeJS.ProcessEnv,
  });
  const end = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const)
    child[name].setEncoding('utf8').on('data', (text: string) => {
      end[name] += text;
    });
  child.stdin.end(input);
  return new Promise<End>((resolve) => child.on('close', (code) => resolve({ code, ...end })));
}

const as = (token: string) => ({ env: { LOCKSTEP_URL: world.web.url, LOCKSTEP_TOKEN: token } });
const objectOf = (text: string) => JSON.parse(text.trim().split('\n').at(-1) ?? '');

async function end({ runId, generation }: PlacedRun, state: 'completed' | 'failed' | 'cancelled') {
  const digest = 'cd'.repeat(32);
  const outcomes = {
    completed: {
      state,
      reason: 'all-epochs',
      failure: null,
      result: { step: 40, epoch: 1, testLoss: 0.1, testAccuracy: 0.97, weightsDigest: digest, stateDigest: digest },
    },
    failed: {
      state,
      reason: 'non-finite',
      failure: { code: 'numerics.non-finite', message: 'The loss is NaN.', node: null, step: 3 },
      result: null,
    },
    cancelled: { state, reason: 'user', failure: null, result: null },
  };
  await finishRun(world.db, system, { runId, generation, outcome: outcomes[state] as never });
}

describe('lockstep with a service', () => {
  it('signs in with a token from standard input, which it keeps to its owner', async () => {
    const { code, stdout, stderr } = await lockstep(['login', '--url', world.web.url], { input: `${team.token}\n` });
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toContain(team.slug);
    expect(stdout).not.toContain(team.token);
    const file = join(home, '.config', 'lockstep', 'credentials.json');
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(JSON.parse(await readFile(file, 'utf8'))).toEqual({ url: world.web.url, token: team.token });
  });

  it('launches, lists and cancels a run', async () => {
    const launched = await lockstep(['launch', 'spec.yaml', '--workers', '2', '--name', 'by-command', '--json']);
    expect([launched.code, launched.stderr]).toEqual([0, '']);
    const { runId, state, workers } = objectOf(launched.stdout);
    expect([state, workers]).toEqual(['queued', 2]);
    const listed = await lockstep(['runs', '--search', 'by-command', '--json']);
    expect(objectOf(listed.stdout)).toMatchObject({ id: runId, project: team.project });
    expect((await lockstep(['runs'])).stdout).toContain(runId);
    expect((await lockstep(['cancel', runId, '--json'])).code).toBe(0);
    const run = await world.db.prisma.run.findUniqueOrThrow({ where: { id: runId } });
    expect(run.cancelRequestedAt).not.toBeNull();
  });

  it('shows mistakes of a spec at their line', async () => {
    await writeFile(join(home, 'wrong.yaml'), `${spec}trainingg: {}\n`);
    const { code, stderr } = await lockstep(['launch', 'wrong.yaml']);
    expect(code).toBe(2);
    expect(stderr).toContain('wrong.yaml:4:1');
  });

  it.each([
    ['completed', 0],
    ['failed', 3],
    ['cancelled', 130],
  ] as const)('watches a run until it is %s, and exits with %i', async (state, code) => {
    const placed = await makePlacedRun(world, team);
    await placed.sendAsNode('POST', `/runs/${placed.runId}/batches`, {
      generation: 1,
      source: 'rank-0',
      sequence: 0,
      points: [{ name: 'train/loss', steps: [0, 1], values: [1, 0.5] }],
      logs: [{ time: '2026-11-25T08:00:00.000Z', level: 'info', text: 'a\u001b[2Jline' }],
    });
    const watching = lockstep(['watch', placed.runId, '--json']);
    await end(placed, state);
    const ended = await watching;
    expect(ended.code).toBe(code);
    expect(ended.stderr).toContain('loss 0.5000');
    expect(objectOf(ended.stdout)).toMatchObject({ runId: placed.runId, state });
    for (const follow of [[], ['--follow']])
      expect((await lockstep(['logs', placed.runId, ...follow])).stdout).toContain('a?[2Jline');
  });

  it('downloads a checkpoint, verified, into a new folder only', async () => {
    const placed = await makePlacedRun(world, team);
    const none = await lockstep(['download', placed.runId]);
    expect([none.code, none.stderr]).toEqual([2, expect.stringContaining('no last checkpoint')]);
    await makeCheckpoint(placed);
    const args = ['download', placed.runId, '--output', 'there', '--json'];
    const { code, stdout } = await lockstep(args);
    expect(code).toBe(0);
    expect(objectOf(stdout)).toMatchObject({ runId: placed.runId, step: 10 });
    expect(await readFile(join(home, 'there', 'model.safetensors'), 'utf8')).toBe('model 0');
    expect((await lockstep(args)).code).toBe(2);
  });

  it('tells apart who may not, and a service that is not there', async () => {
    const { runId } = await makePlacedRun(world, team);
    const reader = await makeToken(
      world,
      { organisationId: team.organisationId, userId: team.owner.userId },
      { scopes: ['runs:read'] },
    );
    const stranger = await makeTeam(world);
    const cases = [
      ['another scope', ['cancel', runId], as(reader), 6],
      ['a stranger', ['watch', runId], as(stranger.token), 6],
      ['no valid token', ['runs'], as(`${team.token.slice(0, -1)}!`), 6],
      ['nobody signed in', ['runs'], { env: { HOME: join(home, 'nowhere') } }, 6],
      ['no service', ['runs'], { env: { LOCKSTEP_URL: 'http://127.0.0.1:1', LOCKSTEP_TOKEN: team.token } }, 4],
      ['no token on standard input', ['login', '--url', world.web.url], { input: 'lst_wrong' }, 2],
    ] as const;
    for (const [what, args, options, code] of cases) {
      const ended = await lockstep(args, options);
      expect(ended.code, `${what}: ${ended.stderr}`).toBe(code);
      expect(ended.stderr).not.toContain(team.token);
    }
  });
});
