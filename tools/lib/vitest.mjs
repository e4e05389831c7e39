// Runs one vitest project and counts its tests.
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { localDir } from './paths.mjs';
import { CommandFailed, runCommand } from './run-command.mjs';

/**
 * Counts from vitest's JSON report. A file that could not be loaded counts as one failed test, and so does a skipped test:
 * a suite that skips itself tests nothing, quietly.
 */
export function countTests(report, exitCode) {
  const unloaded = report.testResults.filter(
    ({ status, assertionResults }) => status === 'failed' && assertionResults.length === 0,
  );
  const skipped = report.numPendingTests + report.numTodoTests;
  const failed = report.numFailedTests + unloaded.length + skipped;
  // An error outside of any test (an unhandled rejection) ends vitest with 1 without a failed test.
  return { passed: report.numPassedTests, failed: failed === 0 && exitCode !== 0 ? 1 : failed, skipped };
}

/** @returns {Promise<{ passed: number, failed: number, skipped: number, lines: string[] }>} */
export async function runTests(project, { logFile, note }) {
  const reportFile = join(localDir, 'logs', `vitest-${process.pid}-${project}.json`);
  const lines = [];
  let done = 0;
  const { code } = await runCommand(
    process.execPath,
    [
      join('node_modules', 'vitest', 'vitest.mjs'),
      'run',
      `--project=${project}`,
      '--passWithNoTests',
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${reportFile}`,
    ],
    {
      logFile,
      env: { ...process.env, NO_COLOR: '1', CI: '1' },
      allowFailure: true,
      onLine: (line) => {
        done += Number(/\((\d+) tests?/.exec(line)?.[1] ?? 0);
        if (done > 0) note(`${done} tests`);
        lines.push(line);
      },
    },
  );
  let report;
  try {
    report = JSON.parse(readFileSync(reportFile, 'utf8'));
  } catch {
    throw new CommandFailed('vitest', `ended with ${code} and without a report`, lines.slice(-40), logFile);
  }
  rmSync(reportFile, { force: true });
  return { ...countTests(report, code), lines };
}
