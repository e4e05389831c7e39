// Names the build that is being accepted: every file that a run executes.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../lib/paths.mjs';

const built = [
  /^packages\/[^/]+\/dist\/.*\.js$/,
  /^packages\/kernels-native\/(lib\/.*\.js|build\/[^/]+\.(node|so[.\d]*))$/,
];

function filesBelow(folder) {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) return entry.name === 'node_modules' || entry.name === 'cmake' ? [] : filesBelow(path);
    return built.some((pattern) => pattern.test(path)) ? [path] : [];
  });
}

/** SHA-256 over names and bytes of the built JavaScript and of the native libraries. */
export function buildDigest() {
  const hash = createHash('sha256');
  for (const file of filesBelow('packages').sort()) {
    hash.update(`${file}\n`).update(
      createHash('sha256')
        .update(readFileSync(join(root, file)))
        .digest(),
    );
  }
  return hash.digest('hex');
}
