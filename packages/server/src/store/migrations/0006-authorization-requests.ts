import type { Dialect, Migration } from './migration.ts';

/** Requests that clients push ahead of the browser, and the details that a person may allow an app at an API. */
export const authorizationRequests: Migration = {
  number: 6,
  minimumProgram: 2,
  statements: ({ integer, bytes, strict }: Dialect) => [
    `CREATE TABLE pushed_requests (
       hash ${bytes} PRIMARY KEY, client_id TEXT NOT NULL, parameters TEXT NOT NULL, dpop_jkt TEXT,
       expires_at ${integer} NOT NULL
     )${strict}`,
    'CREATE INDEX pushed_requests_expiry ON pushed_requests (expires_at)',
    // JSON; NULL for an API without any.
    'ALTER TABLE resources ADD COLUMN authorization_details_types TEXT',
  ],
};
