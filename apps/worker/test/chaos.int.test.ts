import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  type Expected,
  type Field,
  runMoment,
  specOf,
  startField,
  undisturbedRun,
} from '../../../tools/chaos/moment.mjs';
import { removePlatform } from '../../../tools/services/platform.mjs';

// One seeded moment of the cases of `npm run chaos` that need the whole platform; failures.int.test.ts and
// temporal-restart.int.test.ts have the others.
const spec = specOf(6);

let folder: string;
let field: Field;
let expected: Expected;
beforeAll(async () => {
  // The server of Postgres must be able to enter, and its user is not always ours.
  folder = await mkdtemp(join('/var/tmp', 'lockstep-chaos-'));
  field = await startField(
    folder,
    () => undefined,
    () => undefined,
  );
  expected = await undisturbedRun(field.platform, spec);
});
afterAll(async () => {
  await field?.close();
  await removePlatform(folder);
});

it.each(['web', 'postgres', 'cut', 'stopped', 'two'])('comes to the same whatever happens: %s', async (name) => {
  const { faults } = await runMoment({ field, spec, expected, seed: 'test', name, moment: 0, cutMs: 20_000 });
  expect(faults).toEqual([]);
});
