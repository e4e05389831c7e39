// npm run setup: everything that this clone needs, and nothing that it has. The other commands do it by themselves.
import { createPhases, runMain } from './lib/phases.mjs';
import { servicePhases, setUpService } from './lib/setup.mjs';

await runMain(async () => {
  await setUpService(createPhases('setup', servicePhases));
  console.log('\nReady: npm run demo, npm run dev, npm test, or npx lockstep --help');
});
