import { defineConfig } from 'vitest/config';

const conditions = ['@tessera/source'];

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
          pool: 'threads',
          maxWorkers: 2,
        },
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
        },
      },
    ],
  },
});
