// npm test: sets this clone up, then runs every check and every test. The last line counts them.
import { createTally, staticChecks, staticPhases, testProject } from './lib/checks.mjs';
import { createPhases, runMain, Told } from './lib/phases.mjs';
import {
  beginTemporal,
  buildKernels,
  buildService,
  buildTypes,
  checkMachine,
  installDependencies,
  provideTemporal,
  servicePhases,
} from './lib/setup.mjs';

await runMain(async () => {
  const phases = createPhases('test', servicePhases + staticPhases + 3);
  const counter = createTally();
  const { tally } = counter;
  try {
    await checkMachine(phases, { forTests: true });
    const temporal = beginTemporal();
    await installDependencies(phases);
    await counter.count(() => buildKernels(phases));
    await counter.count(() => buildTypes(phases));
    await counter.count(() => buildService(phases));
    await counter.count(() => provideTemporal(phases, temporal));
    await staticChecks(phases, counter);
    const testsBefore = tally.passed + tally.failed;
    await testProject(phases, counter, 'unit', 60);
    await testProject(phases, counter, 'native', 120);
    await testProject(phases, counter, 'int', 600);
    if (tally.passed + tally.failed === testsBefore) {
      console.log('No tests were found, which cannot be right.');
      tally.failed++;
    }
  } catch (error) {
    // Set-up failed; nothing after it can run.
    if (!(error instanceof Told)) console.error(error);
    tally.failed++;
  }
  console.log(`${tally.passed} passed, ${tally.failed} failed`);
  return tally.failed === 0 ? 0 : 1;
});
