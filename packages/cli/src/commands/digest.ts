import { resolve } from 'node:path';
import { readDigests } from '@lockstep/trainer';
import type { Command } from 'commander';
import { reportError } from '../errors/report-error.js';

export function addDigest(program: Command, done: (exitCode: number) => void): void {
  program
    .command('digest')
    .summary('print the digests of a checkpoint')
    .description(
      'Verifies a checkpoint and prints the digests of its weights and of its whole state, computed from its tensors. ' +
        'Two runs with the same weights digest hold the same bits.',
    )
    .argument('<path>', 'a checkpoint folder, or a run folder (its newest valid checkpoint)')
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      `
Examples:
  $ lockstep digest runs/lenet5-20260101-120000
  $ lockstep digest runs/lenet5-20260101-120000/checkpoints/step-000001407-g1 --json`,
    )
    .action(async (path: string, options: { json?: boolean }) => done(await digest(path, options)));
}

async function digest(path: string, options: { json?: boolean }): Promise<number> {
  try {
    const { problems, ...result } = await readDigests(resolve(path));
    for (const problem of problems) process.stderr.write(`warning: ${problem}\n`);
    const { checkpoint, step, weightsDigest, stateDigest } = result;
    process.stdout.write(
      options.json
        ? `${JSON.stringify(result)}\n`
        : `weights     ${weightsDigest}\nstate       ${stateDigest}\nstep        ${step}\ncheckpoint  ${checkpoint}\n`,
    );
    return 0;
  } catch (error) {
    return reportError(error);
  }
}
