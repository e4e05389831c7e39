// npm run setup: everything that this clone needs, and nothing that it has. The other commands do it by themselves.
import { createPhases, runMain } from './lib/phases.mjs';
import { setUp, setupPhases } from './lib/setup.mjs';

await runMain(async () => {
  await setUp(createPhases('setup', setupPhases));
  console.log('\nReady: npm run demo, npm test, or npx lockstep --help');
});
