// The checks of `npm run check` and `npm test`. Each check counts as one, each test of vitest as one.
import { join } from 'node:path';
import { checkBoundaries } from './boundaries.mjs';
import { Told } from './phases.mjs';
import { CommandFailed, runCommand } from './run-command.mjs';
import { runTests } from './vitest.mjs';

/** Adds up what passed and failed; a failed phase does not stop the ones after it. */
export function createTally() {
  const tally = { passed: 0, failed: 0 };
  return {
    tally,
    /** Runs a phase that counts as one. @param {() => Promise<void>} phase */
    async count(phase) {
      try {
        await phase();
        tally.passed++;
      } catch (error) {
        if (!(error instanceof Told)) throw error;
        tally.failed++;
      }
    },
  };
}

const node = (script, args, options) => runCommand(process.execPath, [join('node_modules', script), ...args], options);

/** Phases of `staticChecks`, for numbering. */
export const staticPhases = 4;

export async function staticChecks(phases, { count }) {
  await count(() =>
    phases.run('Types of tests and of the web application', async ({ logFile }) => {
      await node('typescript/bin/tsc', ['-p', 'tsconfig.test.json', '--pretty', 'false'], { logFile });
      await node('typescript/bin/tsc', ['-p', 'apps/web', '--pretty', 'false'], { logFile });
    }),
  );
  await count(() =>
    phases.run(
      'Format and lint',
      ({ logFile }) => node('@biomejs/biome/bin/biome', ['ci', '--colors=off', '.'], { logFile }).then(() => undefined),
      {
        fix: 'npm run format repairs what can be repaired by itself.',
      },
    ),
  );
  await count(() =>
    phases.run(
      'Import rules',
      async ({ logFile }) => {
        const { modules, violations } = await checkBoundaries(logFile);
        if (violations.length > 0)
          throw new CommandFailed('The import check', `found ${violations.length} breaks`, violations, logFile);
        return `${modules} modules`;
      },
      { fix: 'The rules are in .dependency-cruiser.cjs and tools/lib/boundaries.mjs; ARCHITECTURE.md says why.' },
    ),
  );
  await count(() =>
    phases.run(
      'Unused code',
      ({ logFile }) => node('knip/bin/knip.js', ['--no-progress'], { logFile }).then(() => undefined),
      {
        fix: 'Delete what is not used, or use it.',
      },
    ),
  );
}

const projectTitles = { unit: 'Unit tests', native: 'Native tests', int: 'Tests with real processes' };

/** One phase. @param {'unit' | 'native' | 'int'} project */
export async function testProject(phases, { tally }, project, typicalSeconds) {
  try {
    await phases.run(
      projectTitles[project],
      async (phase) => {
        const { passed, failed, skipped, lines } = await runTests(project, phase);
        tally.passed += passed;
        tally.failed += failed;
        if (failed > 0) {
          const shown = lines.filter((line) => /^\s*(FAIL|×|❯|→|AssertionError|Error|TypeError|Caused by)/.test(line));
          throw new CommandFailed(
            'vitest',
            `${failed} failed${skipped > 0 ? `, ${skipped} of them skipped` : ''}, ${passed} passed`,
            shown,
            phase.logFile,
          );
        }
        return `${passed} passed`;
      },
      { typicalSeconds, fix: `npx vitest run --project=${project} shows each failure in full.` },
    );
  } catch (error) {
    if (!(error instanceof Told)) throw error;
    // A run that broke before it was counted is one failure.
    if (!(error.cause instanceof CommandFailed && / failed/.test(error.cause.message))) tally.failed++;
  }
}
