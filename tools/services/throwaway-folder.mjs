// A platform for one purpose: its folder is named after its process, and goes with it. What killed processes left is removed.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { localDir } from '../lib/paths.mjs';
import { Fixable } from '../lib/phases.mjs';
import { ownFolder } from './owned-folder.mjs';
import { removePlatform } from './platform.mjs';

const prefix = 'platform-of-';

/** @returns {Promise<string>} a folder of this process */
export async function throwawayFolder() {
  const mine = `${prefix}${process.pid}`;
  const left = existsSync(localDir) ? readdirSync(localDir).filter((name) => name.startsWith(prefix)) : [];
  for (const name of left) {
    const folder = join(localDir, name);
    try {
      await ownFolder(folder);
    } catch (error) {
      // Its process lives.
      if (error instanceof Fixable) continue;
      throw error;
    }
    await removePlatform(folder);
  }
  return join(localDir, mine);
}
