import { readFileSync } from 'node:fs';
import { exitCodes } from '@lockstep/contracts';
import { Command, CommanderError } from 'commander';
import { addCancel } from './commands/cancel.js';
import { addCheck } from './commands/check.js';
import { addDigest } from './commands/digest.js';
import { addDownload } from './commands/download.js';
import { addLaunch } from './commands/launch.js';
import { addLogin } from './commands/login.js';
import { addLogs } from './commands/logs.js';
import { addPredict } from './commands/predict.js';
import { addRuns } from './commands/runs.js';
import { addTrain } from './commands/train.js';
import { addWatch } from './commands/watch.js';
import { reportError } from './errors/report-error.js';

/** Runs the command line and gives its exit code. */
export async function runProgram(argv: readonly string[]): Promise<number> {
  let exitCode: number = exitCodes.ok;
  const done = (code: number): void => {
    exitCode = code;
  };
  const program = new Command('lockstep')
    .description('Trains models on CPUs: the same bits on any number of workers, and after any crash.')
    .version(version(), '-V, --version')
    .helpCommand(true)
    .showSuggestionAfterError(true)
    .exitOverride()
    .addHelpText(
      'after',
      `
Examples:
  $ lockstep check examples/lenet5.yaml
  $ lockstep train examples/lenet5.yaml --workers 2
  $ lockstep predict runs/lenet5-20260101-120000 --images digit.png
  $ lockstep launch examples/lenet5.yaml --workers 2 --watch

Exit codes: 0 done; 2 the command, the spec or the data is wrong; 3 the run failed; 4 a process, disk, network or the
service failed; 5 a defect of Lockstep; 6 not signed in, not allowed, or not there for this token; 130 cancelled.

LOCKSTEP_DATA_DIR names a folder with copies of the sample datasets, LOCKSTEP_CACHE_DIR where prepared data is kept,
LOCKSTEP_DEBUG=1 shows stack traces.`,
    );
  for (const add of [addTrain, addCheck, addPredict, addDigest]) add(program, done);
  for (const add of [addLogin, addLaunch, addRuns, addWatch, addLogs, addCancel, addDownload]) add(program, done);
  for (const command of program.commands) command.exitOverride().showSuggestionAfterError(true);
  try {
    await program.parseAsync([...argv], { from: 'user' });
    return exitCode;
  } catch (error) {
    // Commander has printed its own message, with what was meant; help and version end the same way with code 0.
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.badInput;
    return reportError(error);
  }
}

function version(): string {
  const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string };
  return manifest.version;
}
