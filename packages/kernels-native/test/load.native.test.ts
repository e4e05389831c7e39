import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import * as kernels from '../lib/index.js';

it('every function that is declared is exported, in the order of the declaration', () => {
  const declaration = readFileSync(new URL('../lib/index.d.ts', import.meta.url), 'utf8');
  const declared = [...declaration.matchAll(/^export function (\w+)/gm)].map((match) => match[1] ?? '');
  expect(declared.length).toBeGreaterThan(20);
  const source = readFileSync(new URL('../lib/index.js', import.meta.url), 'utf8');
  const exported = /export const \{([^}]*)\}/.exec(source)?.[1] ?? '';
  expect(
    exported
      .split(',')
      .map((name) => name.trim())
      .filter(Boolean),
  ).toEqual(declared);
  for (const name of declared)
    expect((kernels as unknown as Record<string, unknown>)[name], name).toBeTypeOf('function');
});

it('a build says what its bits depend on', () => {
  const { sourceDigest, compiler, flags, oneDnn, isas } = kernels.buildInfo();
  expect(sourceDigest).toMatch(/^[0-9a-f]{64}$/);
  expect(compiler).toMatch(/\d+\.\d+/);
  expect(flags).toContain('-ffp-contract=off');
  expect(flags).not.toContain('-march=native');
  expect(oneDnn).toMatch(/^3\.2\.0 [0-9a-f]+$/);
  expect(isas).toContain('avx2');
});

it('a build that is not there is named, with what to do', () => {
  const { stderr, status } = spawnSync(process.execPath, [fileURLToPath(new URL('../lib/index.js', import.meta.url))], {
    encoding: 'utf8',
    env: { PATH: process.env.PATH, LOCKSTEP_KERNELS_DIR: '/nowhere' },
  });
  expect(status).toBe(1);
  expect(stderr).toContain('cannot load the native kernels (/nowhere/lockstep_kernels.node)');
  expect(stderr).toContain('npm run build');
});
