import { change, row, rows, statement } from '../statement.ts';
import type { Statement, Verb } from '../statement.ts';
import { StoreOpenError } from '../store-open-error.ts';
import { firstTables } from './0001-first-tables.ts';
import { boundTokens } from './0002-bound-tokens.ts';
import { clientSecretUses } from './0004-client-secret-uses.ts';
import { registrations } from './0005-registrations.ts';
import { authorizationRequests } from './0006-authorization-requests.ts';
import { moreGrants } from './0007-more-grants.ts';
import { openid } from './0008-openid.ts';
import { sqliteLookupTables } from './0009-sqlite-lookup-tables.ts';
import { revocation } from './0010-revocation.ts';
import { refusals } from './0012-refusals.ts';
import { accounts } from './0013-accounts.ts';
import { secondFactors } from './0014-second-factors.ts';
import { organizations } from './0015-organizations.ts';
import { personalAccessTokens } from './0016-personal-access-tokens.ts';
import { clientTokens } from './0017-client-tokens.ts';
import { agents } from './0018-agents.ts';
import { identityProviders } from './0019-identity-providers.ts';
import { auditChain } from './0020-audit-chain.ts';
import { refusedRedirectUris } from './0021-refused-redirect-uris.ts';
import { organizationLifetimes } from './0022-organization-lifetimes.ts';
import { duty } from './0024-duty.ts';
import { policies } from './0027-policies.ts';
import { nodeSettings } from './0029-node-settings.ts';
import { revokedKeys } from './0030-keys.ts';
import { partitions } from './0031-token-partitions.ts';
import { deviceRefusals } from './0033-device-refusals.ts';
import type { Dialect, Index, Migration } from './migration.ts';

/** Every migration in order. */
export const MIGRATIONS: readonly Migration[] = [
  firstTables,
  boundTokens,
  clientSecretUses,
  registrations,
  authorizationRequests,
  moreGrants,
  openid,
  sqliteLookupTables,
  revocation,
  refusals,
  accounts,
  secondFactors,
  organizations,
  personalAccessTokens,
  clientTokens,
  agents,
  identityProviders,
  auditChain,
  refusedRedirectUris,
  organizationLifetimes,
  duty,
  policies,
  nodeSettings,
  revokedKeys,
  partitions,
  deviceRefusals,
];

/** Of each migration that a database has been through, what it asks of programs. */
export interface AppliedMigration {
  readonly number: number;
  readonly minimum_program: number;
}

const makeTables = ({ integer, strict }: Dialect): readonly Statement[] => [
  statement(
    'meta_make',
    `CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value ${integer} NOT NULL)${strict}`,
  ),
  statement(
    'applied_migrations_make',
    `CREATE TABLE IF NOT EXISTS applied_migrations (
       number ${integer} PRIMARY KEY, minimum_program ${integer} NOT NULL, applied_at ${integer} NOT NULL
     )${strict}`,
  ),
];
const readApplied = statement(
  'applied_migrations_read',
  'SELECT number, minimum_program FROM applied_migrations',
);
// Of the newest migration: all that was kept before there was a table of them, and all that older programs look at.
const readNewest = statement(
  'meta_read',
  `SELECT coalesce(max(CASE key WHEN 'schema' THEN value END), 0) AS number,
     coalesce(max(CASE key WHEN 'minimum_program' THEN value END), 0) AS minimum_program FROM meta`,
);
const raiseNewest = statement(
  'meta_raise',
  `INSERT INTO meta (key, value) VALUES ($1, $2)
   ON CONFLICT (key) DO UPDATE SET value = excluded.value WHERE excluded.value > meta.value`,
);
const noteApplied = statement(
  'applied_migrations_note',
  'INSERT INTO applied_migrations (number, minimum_program, applied_at) VALUES ($1, $2, $3)',
);

/**
 * Brings the database to the newest schema this program knows; to be run in one transaction that no other program's
 * migration can overlap. Migrations may land in any order of their numbers. What a newer program has added is left as
 * it is.
 * @param now milliseconds since the epoch
 * @param only in a database that is in use: this migration, if it is the next, without its indexes and what is run ahead
 * @throws StoreOpenError `database_newer` when the database names a newer program as the oldest it serves
 */
export function* migrate(
  dialect: Dialect,
  now: number,
  migrations: readonly Migration[] = MIGRATIONS,
  only?: number,
): Verb<void> {
  const missing = missingOf(yield* prepareMigrations(dialect, now, migrations), migrations);
  const next = only === undefined ? missing : missing.slice(0, 1).filter(({ number }) => number === only);
  for (const migration of next) {
    const ahead = only === undefined ? (migration.ahead?.(dialect, now) ?? []) : [];
    for (const [index, sql] of [...ahead, ...migration.statements(dialect, now)].entries()) {
      yield* change(statement(`migration_${migration.number}_${index}`, sql));
    }
    for (const { name, on } of only === undefined ? indexesOf([migration], dialect) : []) {
      yield* change(statement(`index_${name}`, `CREATE INDEX ${name} ON ${on}`));
    }
    yield* change(noteApplied, migration.number, migration.minimumProgram, Math.trunc(now));
    yield* change(raiseNewest, 'schema', migration.number);
    yield* change(raiseNewest, 'minimum_program', migration.minimumProgram);
  }
}

/**
 * Makes the table of migrations, with those that the database has been through before it had one.
 * @returns what it has been through
 * @throws StoreOpenError `database_newer`
 */
export function* prepareMigrations(
  dialect: Dialect,
  now: number,
  migrations: readonly Migration[],
): Verb<readonly AppliedMigration[]> {
  for (const make of makeTables(dialect)) yield* change(make);
  const applied = yield* readMigrations(migrations);
  yield* noteOldMigrations(applied, migrations, now);
  return applied;
}

/**
 * What the database has been through; it has the tables for it.
 * @throws StoreOpenError `database_newer`
 */
export function* readMigrations(migrations: readonly Migration[]): Verb<readonly AppliedMigration[]> {
  const applied = yield* rows<AppliedMigration>(readApplied);
  const newest = yield* row<AppliedMigration>(readNewest);
  if (newest === undefined || newest.number === 0) return applied;
  // A database from before the table was never given a migration with a lower number than its newest.
  const before =
    applied.length > 0
      ? applied
      : migrations
          .filter(({ number }) => number <= newest.number)
          .map(({ number, minimumProgram }) => ({ number, minimum_program: minimumProgram }));
  const all = [...before, newest];
  requireServed(all, migrations);
  return all;
}

/** Which of the migrations the database has not been through. */
export function missingOf(
  applied: readonly AppliedMigration[],
  migrations: readonly Migration[],
): readonly Migration[] {
  const numbers = new Set(applied.map(({ number }) => number));
  return migrations.filter(({ number }) => !numbers.has(number));
}

/** The indexes that migrations add to tables that were there before. */
export function indexesOf(migrations: readonly Migration[], dialect: Dialect): readonly Index[] {
  return migrations
    .flatMap(({ indexes = [] }) => indexes)
    .filter(({ only }) => only === undefined || only === dialect.name);
}

/** Into the table of migrations, what a database has been through from before it. */
function* noteOldMigrations(
  applied: readonly AppliedMigration[],
  migrations: readonly Migration[],
  now: number,
): Verb<void> {
  const noted = new Set((yield* rows<AppliedMigration>(readApplied)).map(({ number }) => number));
  const numbers = new Set(applied.map(({ number }) => number));
  for (const { number, minimumProgram } of migrations) {
    if (!numbers.has(number) || noted.has(number)) continue;
    yield* change(noteApplied, number, minimumProgram, Math.trunc(now));
  }
}

/**
 * The program must know what any of the migrations asks for: the migration of that number, or one after it where there
 * is none of that number.
 */
function requireServed(applied: readonly AppliedMigration[], migrations: readonly Migration[]): void {
  const program = migrations.at(-1)?.number ?? 0;
  const known = new Set(migrations.map(({ number }) => number));
  const there = new Set(applied.map(({ number }) => number));
  for (const { minimum_program: needed } of applied) {
    if (needed <= program && (known.has(needed) || !there.has(needed))) continue;
    throw new StoreOpenError(
      'database_newer',
      `The database was made by a newer Tessera: it needs schema ${needed}, this program knows ${program}. Update Tessera.`,
    );
  }
}
