import { defineConfig } from 'vitest/config';

// What a test needs is in its name: *.test.ts nothing, *.native.test.ts the addon, *.int.test.ts real processes.
const exclude = ['**/node_modules/**'];
const needsMore = ['**/*.native.test.ts', '**/*.int.test.ts'];

export default defineConfig({
  test: {
    // Native tests and real processes share the machine's cores; more workers would only make deadlines pass.
    maxWorkers: 2,
    projects: [
      {
        test: {
          name: 'unit',
          include: ['{packages,apps}/*/{src,test,lib}/**/*.test.ts', 'tools/**/*.test.mjs'],
          exclude: [...exclude, ...needsMore],
          testTimeout: 20_000,
        },
      },
      {
        test: {
          name: 'native',
          include: ['{packages,apps}/*/{src,test,lib}/**/*.native.test.ts'],
          exclude,
          // A crash of native code must end one worker, not the whole run.
          pool: 'forks',
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          name: 'int',
          include: ['{packages,apps}/*/{src,test,lib}/**/*.int.test.ts'],
          globalSetup: ['tools/services/postgres-for-tests.mjs', 'tools/services/temporal-for-tests.mjs'],
          exclude,
          pool: 'forks',
          fileParallelism: false,
          testTimeout: 300_000,
          hookTimeout: 300_000,
        },
      },
    ],
  },
});
