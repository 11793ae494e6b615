import { defineConfig } from 'vitest/config';

const conditions = ['@tessera/source'];

/** With `vi.mock`: these need modules that nobody else has loaded. */
const REPLACES_A_MODULE = ['packages/server/src/store/statement-names.test.ts'];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    // A test that waits for something is not about how fast this machine is: it gives up where nothing comes at all.
    expect: { poll: { timeout: 30_000 } },
    testTimeout: 180_000,
    hookTimeout: 180_000,
    projects: [
      {
        extends: true,
        test: {
          name: 'rules',
          include: ['packages/*/src/**/*.test.ts', 'examples/*/src/**/*.test.ts', 'test/*.test.ts'],
          exclude: REPLACES_A_MODULE,
          pool: 'threads',
          maxWorkers: 2,
          // Rules keep nothing between calls: what one file loaded is good for the next.
          isolate: false,
        },
      },
      {
        extends: true,
        test: { name: 'replaced', include: REPLACES_A_MODULE, pool: 'threads', maxWorkers: 2 },
      },
      {
        extends: true,
        test: {
          name: 'flows',
          include: [
            'test/flows/**/*.test.ts',
            'test/docs/**/*.test.ts',
            'conformance/**/*.test.ts',
            'proof/**/*.test.ts',
          ],
          pool: 'forks',
          maxWorkers: 2,
          globalSetup: 'test/shared-postgres.ts',
        },
      },
    ],
  },
});
