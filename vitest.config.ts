import { defineConfig } from 'vitest/config';

const conditions = ['@tessera/source'];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
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
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
