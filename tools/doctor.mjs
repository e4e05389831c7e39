// npm run doctor: what this machine has, what it lacks, and how to get it.
import { bold, dim, runMain } from './lib/phases.mjs';
import { requirements } from './lib/requirements.mjs';

await runMain(async () => {
  const checked = requirements.map((requirement) => ({ ...requirement, found: requirement.find() }));
  if (process.argv.includes('--json')) {
    console.log(JSON.stringify(checked.map(({ name, found, fix, required }) => ({ name, found, fix, required }))));
  } else {
    const width = Math.max(...checked.map(({ name }) => name.length));
    for (const { name, found, fix, required } of checked) {
      const mark = found === null ? (required ? 'missing' : 'note   ') : 'ok     ';
      console.log(`${mark} ${name.padEnd(width)}  ${found === null ? `${bold('Fix:')} ${fix}` : dim(found)}`);
    }
  }
  const missing = checked.filter(({ found, required }) => found === null && required).length;
  if (!process.argv.includes('--json')) {
    console.log(missing === 0 ? '\nThis machine can build and run Lockstep: npm run demo' : `\n${missing} missing.`);
  }
  return missing === 0 ? 0 : 1;
});
