import { describe, expect, it } from 'vitest';
import { sourceFiles, textViolations } from './boundaries.mjs';

describe('text rules', () => {
  it('refuse clock, chance and environment in the engine, with their line', () => {
    const text = 'const a = 1;\nconst b = Date.now() + Math.random();\n';
    expect(textViolations('packages/engine/src/train/loop.ts', text)).toEqual([
      expect.stringContaining('packages/engine/src/train/loop.ts:2: Date.now'),
    ]);
    expect(textViolations('packages/engine/src/graph/a.ts', 'if (process.env.X) {}')).toHaveLength(1);
  });

  it('look at code only, and let the files pass that are there for it', () => {
    expect(textViolations('packages/engine/src/a.ts', '// Date.now() is passed in\n/* Math.random */')).toEqual([]);
    expect(textViolations('packages/engine/src/compose.ts', 'const now = () => Date.now();')).toEqual([]);
    expect(textViolations('packages/cli/src/env.ts', 'process.env.HOME')).toEqual([]);
    expect(textViolations('packages/engine/src/a.test.ts', 'Date.now()')).toEqual([]);
  });
});

describe('sourceFiles', () => {
  it('finds the sources of every package and no built ones', () => {
    const files = sourceFiles();
    expect(files).toContain('packages/contracts/src/index.ts');
    expect(files).toContain('packages/kernels-native/lib/index.js');
    expect(files).toContain('tools/test.mjs');
    expect(files.some((file) => /^packages\/[^/]+\/(dist|build)\/|node_modules/.test(file))).toBe(false);
  });
});
