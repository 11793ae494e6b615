import type { Dialect, Migration } from './migration.ts';

/** Mails that wait, the links in them, and when a session was last seen. */
export const accounts: Migration = {
  number: 13,
  minimumProgram: 11,
  statements: ({ integer, bytes, sequence, strict }: Dialect) => [
    // attempts is the fencing number: each claim counts it up, and only its holder may delete or postpone.
    `CREATE TABLE outbox (
       seq ${sequence}, id TEXT NOT NULL UNIQUE, purpose TEXT NOT NULL, sealed ${bytes} NOT NULL,
       created_at ${integer} NOT NULL, expires_at ${integer} NOT NULL, attempts ${integer} NOT NULL,
       next_attempt_at ${integer} NOT NULL
     )${strict}`,
    'CREATE INDEX outbox_due ON outbox (next_attempt_at)',
    'CREATE INDEX outbox_end ON outbox (expires_at)',
    // user_id is NULL where the link is to make an account. A used link stays until it would have expired.
    `CREATE TABLE mail_links (
       seq ${sequence}, hash ${bytes} NOT NULL UNIQUE, purpose TEXT NOT NULL,
       user_id TEXT REFERENCES users (id) ON DELETE CASCADE, email TEXT NOT NULL, particulars TEXT,
       created_at ${integer} NOT NULL, expires_at ${integer} NOT NULL, used_at ${integer}
     )${strict}`,
    'CREATE INDEX mail_links_user ON mail_links (user_id) WHERE user_id IS NOT NULL',
    'CREATE INDEX mail_links_end ON mail_links (expires_at)',
    `ALTER TABLE sessions ADD COLUMN last_seen_at ${integer}`,
  ],
};
