// Global set-up of the tests with services: one Temporal server for all suites, gone with its folder when they are over.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startTemporal } from './temporal.mjs';

export async function setup() {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-temporal-'));
  const { address, stop } = await startTemporal(folder, { endWithParent: true });
  process.env.LOCKSTEP_TEST_TEMPORAL_ADDRESS = address;
  return async () => {
    await stop();
    rmSync(folder, { recursive: true, force: true });
  };
}
