// Two clones built in folders of different names are one numeric class and give the same bits.
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cacheDir, localDir, root } from '../../lib/paths.mjs';
import { runCommand } from '../../lib/run-command.mjs';
import { completed, lockstep } from '../lockstep.mjs';
import { metricsOf } from '../run-folder.mjs';
import { lenet5, writeSpec } from '../specs.mjs';

/**
 * Clones into a folder of this name, compiles with a cache of its own, and trains. All of it is outside of this clone,
 * whose packages would otherwise be found from inside.
 */
async function builtClone(name) {
  const home = mkdtempSync(join(tmpdir(), 'lockstep-clone-'));
  try {
    const clone = join(home, name);
    const ownCache = join(home, 'cache');
    const logFile = join(localDir, 'logs', 'acceptance-clones.log');
    await runCommand('git', ['clone', '--quiet', root, clone], { logFile });
    mkdirSync(ownCache);
    // Downloads are pinned by their hash and may be shared; finished builds may not, for the compiler is to run here.
    for (const shared of ['onednn', 'gloo', 'datasets']) {
      if (existsSync(join(cacheDir, shared)))
        cpSync(join(cacheDir, shared), join(ownCache, shared), { recursive: true });
    }
    const environment = { LOCKSTEP_CACHE_DIR: ownCache };
    const { output } = await runCommand(process.execPath, [join(clone, 'tools', 'setup.mjs')], {
      logFile,
      cwd: clone,
      env: { ...process.env, ...environment },
    });
    const runDir = join(home, 'run');
    const args = ['train', writeSpec(home, lenet5()), '--workers', '2', '--run-dir', runDir, '--json'];
    const summary = completed(await lockstep(args, { clone, cwd: clone, environment }));
    const numericClass = metricsOf(runDir).find(({ kind }) => kind === 'numeric-class')?.numericClass ?? null;
    return { isCompiled: /compiled in/.test(output), numericClass, ...summary };
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

export const clones = {
  name: 'clones',
  title: 'Two clones, built in different folders',
  cases: () => [
    {
      name: 'class-and-digest',
      title: 'cloned, compiled and trained in folders whose paths differ in length',
      wants: 'one numeric class, the same digests',
      async run(once) {
        const names = ['a', 'a-folder/with-a-much/longer-path-than-the-other'];
        const built = [];
        for (const name of names) built.push(await once(name.length > 1 ? 'long' : 'short', () => builtClone(name)));
        const [first, second] = built;
        const isOneClass =
          typeof first.numericClass?.id === 'string' && first.numericClass.id === second.numericClass?.id;
        const isEqual = first.weightsDigest === second.weightsDigest && first.stateDigest === second.stateDigest;
        return {
          passed: isOneClass && isEqual && built.every(({ isCompiled }) => isCompiled),
          got: `classes ${built.map(({ numericClass }) => numericClass?.id.slice(0, 12)).join(' and ')}, weights ${built.map(({ weightsDigest }) => weightsDigest.slice(0, 12)).join(' and ')}, ${built.every(({ isCompiled }) => isCompiled) ? 'both compiled' : 'not both compiled'}`,
        };
      },
    },
  ],
};
