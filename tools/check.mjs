// npm run check: what a change must pass before it is proposed; no native build, a minute at most.
import { createTally, staticChecks, staticPhases, testProject } from './lib/checks.mjs';
import { createPhases, runMain } from './lib/phases.mjs';
import { buildTypes, checkMachine, installDependencies } from './lib/setup.mjs';

await runMain(async () => {
  const phases = createPhases('check', 2 + 1 + staticPhases + 1);
  const counter = createTally();
  await checkMachine(phases);
  await installDependencies(phases);
  await counter.count(() => buildTypes(phases));
  await staticChecks(phases, counter);
  await testProject(phases, counter, 'unit', 30);
  const { passed, failed } = counter.tally;
  console.log(`${passed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
});
