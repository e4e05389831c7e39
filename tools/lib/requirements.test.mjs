import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { root } from './paths.mjs';
import { cmakeThatIsNew, requirements } from './requirements.mjs';

describe('requirements', () => {
  it('ask for the CMake that the native build asks for', () => {
    const lists = readFileSync(join(root, 'packages', 'kernels-native', 'CMakeLists.txt'), 'utf8');
    const [, least] = /cmake_minimum_required\(VERSION ([\d.]+)\)/.exec(lists) ?? [];
    expect(requirements.map(({ name }) => name)).toContain(`CMake ${least} or later`);
    expect(cmakeThatIsNew(`cmake version ${least}.0`)).toBe(`cmake version ${least}.0`);
  });

  it.each([
    ['cmake version 3.18.4', false],
    ['cmake version 3.25.1', true],
    ['cmake version 4.0.0', true],
    [null, false],
  ])('%s is new enough: %s', (version, isNew) => {
    expect(cmakeThatIsNew(version) !== null).toBe(isNew);
  });
});
