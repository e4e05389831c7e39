import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CliProcess, isAlive, lockstep, untilGone } from './cli-process.js';
import { writeTinyDataset } from './tiny-dataset.js';

let cwd: string;

const tinySpec = `name: tiny
dataset:
  folder: data
model:
  layers:
    - op: flatten
    - op: linear
      outFeatures: 2
training:
  epochs: 2
  batchSize: 8
checkpoint:
  everySteps: 3
lanes: 8
`;

beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'lockstep-cli-'));
  await writeTinyDataset(join(cwd, 'data'));
  await writeFile(join(cwd, 'tiny.yaml'), tinySpec);
});
afterEach(() => rm(cwd, { recursive: true, force: true }));

const resultOf = (stdout: string) => JSON.parse(stdout.trim().split('\n').at(-1) as string) as Record<string, unknown>;

describe('lockstep train', () => {
  it('ends with one JSON object on stdout, with everything else on stderr', async () => {
    const { code, stdout, stderr } = await lockstep(['train', 'tiny.yaml', '--workers', '2', '--json'], {
      cwd,
      double: {},
    });
    expect([code, stdout.trim().split('\n').length]).toEqual([0, 1]);
    const result = resultOf(stdout);
    expect(Object.keys(result)).toEqual([
      'state',
      'reason',
      'testAccuracy',
      'testLoss',
      'weightsDigest',
      'stateDigest',
      'workers',
      'lanes',
      'steps',
      'samplesPerSecond',
      'secondsToFirstStep',
      'runDir',
    ]);
    expect(result).toMatchObject({ state: 'completed', reason: 'all-epochs', workers: 2, lanes: 8, steps: 14 });
    expect(stderr).toContain('training tiny: 2 workers × 1 thread, 8 lanes, batch 8');
    expect(stderr).toMatch(/epoch 2\/2 {2}step 14 {2}loss .* test accuracy/);
    expect(await readFile(join(result.runDir as string, 'spec.requested.yaml'), 'utf8')).toBe(tinySpec);
  });

  it('shows progress and the result as plain lines', async () => {
    const { code, stdout, stderr } = await lockstep(['train', 'tiny.yaml', '--run-dir', 'out'], { cwd, double: {} });
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/state +completed\ntest accuracy +\d+\.\d\d%/);
    expect(stdout).not.toContain('\u001b');
  });

  it('stops after a checkpoint on the first Ctrl-C, and a resumed run comes to the same digests', async () => {
    const whole = await lockstep(['train', 'tiny.yaml', '--json'], { cwd, double: {} });
    const cut = new CliProcess(['train', 'tiny.yaml', '--json', '--run-dir', 'cut', '--workers', '2'], {
      cwd,
      double: { stepMs: 30 },
    });
    await cut.says(/step \d+\/14/);
    const ranks = cut.children();
    cut.child.kill('SIGINT');
    const end = await cut.ended;
    expect(end.code).toBe(130);
    expect(end.stderr).toContain('Stopping after a checkpoint');
    expect(resultOf(end.stdout)).toMatchObject({ state: 'cancelled', reason: 'user' });
    expect(ranks.filter(isAlive)).toEqual([]);
    const resumed = await lockstep(['train', '--resume', 'cut', '--workers', '3', '--json'], { cwd, double: {} });
    for (const field of ['weightsDigest', 'stateDigest', 'testAccuracy', 'testLoss', 'steps']) {
      expect(resultOf(resumed.stdout)[field]).toEqual(resultOf(whole.stdout)[field]);
    }
  });

  it('leaves Ctrl-C of a terminal, which reaches every process, to the supervisor', async () => {
    const run = new CliProcess(['train', 'tiny.yaml', '--json', '--workers', '2'], { cwd, double: { stepMs: 30 } });
    await run.says(/step \d+\/14/);
    for (const pid of [...run.children(), run.child.pid as number]) process.kill(pid, 'SIGINT');
    const end = await run.ended;
    expect([end.code, resultOf(end.stdout).state]).toEqual([130, 'cancelled']);
    expect(resultOf(end.stdout).stateDigest).toMatch(/^[0-9a-f]{64}$/);
  });

  it('stops at once on the second Ctrl-C', async () => {
    const faults = [{ rank: 1, step: 4, action: 'hang' }];
    const run = new CliProcess(['train', 'tiny.yaml', '--json', '--workers', '2'], { cwd, double: { faults } });
    await run.says(/step \d+\/14/);
    const ranks = run.children();
    run.child.kill('SIGINT');
    await run.says(/Stopping after/);
    run.child.kill('SIGINT');
    const end = await run.ended;
    expect([end.code, resultOf(end.stdout).stateDigest]).toEqual([130, null]);
    expect(ranks.filter(isAlive)).toEqual([]);
  });

  it('leaves no process behind when it is killed itself, and the run can be resumed', async () => {
    const whole = await lockstep(['train', 'tiny.yaml', '--json'], { cwd, double: {} });
    const run = new CliProcess(['train', 'tiny.yaml', '--workers', '3', '--run-dir', 'killed'], {
      cwd,
      double: { stepMs: 30 },
    });
    await run.says(/step \d+\/14/);
    const ranks = run.children();
    expect(ranks).toHaveLength(3);
    run.child.kill('SIGKILL');
    await run.ended;
    await untilGone(ranks, 10_000);
    const resumed = await lockstep(['train', '--resume', 'killed', '--json'], { cwd, double: {} });
    expect(resultOf(resumed.stdout).stateDigest).toBe(resultOf(whole.stdout).stateDigest);
  });

  it('replaces a killed rank and says so', async () => {
    const faults = [{ rank: 1, generation: 1, step: 5, action: 'kill' }];
    const { code, stderr } = await lockstep(['train', 'tiny.yaml', '--workers', '2', '--json'], {
      cwd,
      double: { faults },
    });
    expect(code).toBe(0);
    expect(stderr).toContain('Rank 1 was killed by SIGKILL (9). Starting again from the last checkpoint.');
    expect(stderr).toMatch(/(continuing after step \d+|starting again at step 0) \(generation 2\)/);
  });

  it('ends with 3 where numbers are not finite, naming step and layer', async () => {
    const faults = [{ rank: 0, step: 5, action: 'non-finite' }];
    const { code, stdout, stderr } = await lockstep(['train', 'tiny.yaml', '--workers', '2', '--json'], {
      cwd,
      double: { faults },
    });
    expect([code, resultOf(stdout)]).toEqual([3, expect.objectContaining({ state: 'failed', reason: 'non-finite' })]);
    expect(stderr).toContain('the gradient of step 5 is not, first at layer "fc1"');
  });

  it('says what is wrong with its options, without a stack', async () => {
    const cases: [string[], RegExp][] = [
      [['train', 'tiny.yaml', '--workers', '0'], /--workers: expected a whole number from 1 to 1024, got "0"/],
      [['train', 'tiny.yaml', '--workers', 'two'], /expected a whole number .* got "two"/],
      [
        ['train', 'tiny.yaml', '--workers', '4', '--threads', '4'],
        /4 workers × 4 threads want 16 lanes, but the run has 8 lanes.*--lanes 16/,
      ],
      [['train', 'tiny.yaml', '--wrokers', '2'], /unknown option '--wrokers'\n\(Did you mean --workers\?\)/],
      [['trian', 'tiny.yaml'], /unknown command 'trian'\n\(Did you mean train\?\)/],
      [['train'], /Expected a run spec, or --resume/],
      [['train', 'none.yaml'], /at none\.yaml, but there is no such file/],
      [['train', '.'], /but it is a folder/],
      [['train', '--resume', 'data'], /Expected a run folder with spec\.resolved\.json/],
      [['train', 'tiny.yaml', '--lanes', '6'], /lanes: expected a power of two/],
      [['train', 'tiny.yaml', '--run-dir', 'tiny.yaml'], /tiny\.yaml .*Choose another --run-dir/],
    ];
    for (const [args, message] of cases) {
      const end = await lockstep(args, { cwd, double: {} });
      expect(end.stderr).toMatch(message);
      expect([args, end.code]).toEqual([args, 2]);
      expect(end.stderr).not.toMatch(/^\s+at /m);
    }
  });

  it('shows where the stack is when it is asked to', async () => {
    const environment = { LOCKSTEP_DEBUG: '1' };
    const { stderr } = await lockstep(['train', 'none.yaml'], { cwd, environment });
    expect(stderr).toMatch(/bad-input\.spec-file[\s\S]*^\s+at /m);
  });

  it('does not resume with another spec', async () => {
    await lockstep(['train', 'tiny.yaml', '--run-dir', 'run'], { cwd, double: {} });
    const { code, stderr } = await lockstep(['train', 'tiny.yaml', '--resume', 'run', '--seed', '5'], {
      cwd,
      double: {},
    });
    expect(code).toBe(2);
    expect(stderr).toContain('training.seed was 1, now it is 5');
    const again = await lockstep(['train', 'tiny.yaml', '--run-dir', 'run'], { cwd, double: {} });
    expect([again.code, again.stderr]).toEqual([2, expect.stringContaining('already holds a run')]);
  });
});

describe('lockstep check', () => {
  it('shows layers, shapes, parameters and memory', async () => {
    const { code, stdout } = await lockstep(['check', 'tiny.yaml'], { cwd });
    expect(code).toBe(0);
    expect(stdout).toMatch(/linear1 +linear +\[2\] +34/);
    expect(stdout).toMatch(/total +34/);
    expect(stdout).toMatch(/memory +about/);
  });

  it('puts every error at its line', async () => {
    const cases: [string, string, RegExp][] = [
      [
        'epochs: 2',
        'epochz: 2',
        /tiny\.yaml:\d+:\d+: training\.epochz: .*Did you mean "epochs"\?\n.*\n +10 │ {3}epochz: 2\n +│ {3}\^/,
      ],
      ['epochs: 2', 'epochs: two', /training\.epochs: expected .* got the text "two"/],
      [
        'outFeatures: 2',
        'outFeatures: 3',
        /tiny\.yaml:5:3: model\.layers: expected as many outputs as the dataset has classes, 2/,
      ],
      ['batchSize: 8', 'batchSize: 500', /tiny\.yaml:11:3: training\.batchSize: expected a batch of at most the 50/],
      ['- op: flatten', '- op: conv2d\n      outChannels: 2\n      kernel: 9', /tiny\.yaml:6:\d+: model\.layers\[0\]/],
      ['name: tiny', 'name: [tiny', /tiny\.yaml:\d+:\d+: /],
      ['folder: data', 'folder: nowhere', /nowhere/],
    ];
    for (const [from, to, message] of cases) {
      await writeFile(join(cwd, 'tiny.yaml'), tinySpec.replace(from, to));
      const end = await lockstep(['check', 'tiny.yaml'], { cwd });
      expect(end.stderr).toMatch(message);
      expect([to, end.code]).toEqual([to, 2]);
    }
  });
});

describe('lockstep digest', () => {
  it('prints what the run printed, for the run folder and for the checkpoint', async () => {
    const run = await lockstep(['train', 'tiny.yaml', '--run-dir', 'run', '--json'], { cwd, double: {} });
    const byRun = await lockstep(['digest', 'run', '--json'], { cwd });
    const digests = resultOf(byRun.stdout);
    expect(digests).toMatchObject({
      weightsDigest: resultOf(run.stdout).weightsDigest,
      stateDigest: resultOf(run.stdout).stateDigest,
      step: 14,
    });
    const byCheckpoint = await lockstep(['digest', digests.checkpoint as string], { cwd });
    expect(byCheckpoint.stdout).toContain(`weights     ${digests.weightsDigest}`);
  });

  it('says where there is nothing to digest', async () => {
    await mkdir(join(cwd, 'empty'));
    const { code, stderr } = await lockstep(['digest', 'empty'], { cwd });
    expect([code, stderr]).toEqual([2, expect.stringContaining('found neither')]);
  });
});

describe('lockstep', () => {
  it('has help with examples for every command, and a version', async () => {
    for (const args of [
      ['--help'],
      ['train', '--help'],
      ['check', '--help'],
      ['predict', '--help'],
      ['digest', '--help'],
    ]) {
      const { code, stdout } = await lockstep(args, { cwd });
      expect(code).toBe(0);
      expect(stdout).toContain('Examples:\n  $ lockstep ');
    }
    expect((await lockstep(['--version'], { cwd })).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });
});
