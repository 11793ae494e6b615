import type { Dialect, Migration } from './migration.ts';

/** Requests that were refused, for whoever asks why. */
export const refusals: Migration = {
  number: 12,
  minimumProgram: 11,
  statements: ({ integer, bytes, sequence, strict }: Dialect) => [
    `CREATE TABLE refusals (
       seq ${sequence}, request_id TEXT NOT NULL, at ${integer} NOT NULL, method TEXT NOT NULL, path TEXT NOT NULL,
       status ${integer} NOT NULL, error TEXT NOT NULL, description TEXT NOT NULL, detail TEXT, client_id TEXT,
       user_id TEXT, token_id ${bytes}, address TEXT NOT NULL
     )${strict}`,
    'CREATE INDEX refusals_age ON refusals (at)',
  ],
};
