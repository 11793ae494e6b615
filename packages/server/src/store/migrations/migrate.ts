import { row } from '../statement.ts';
import { change, statement } from '../statement.ts';
import type { Verb } from '../statement.ts';
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
import type { Dialect, Migration } from './migration.ts';

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
];

const makeMeta = (dialect: Dialect): ReturnType<typeof statement> =>
  statement(
    'meta_make',
    `CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value ${dialect.integer} NOT NULL)${dialect.strict}`,
  );
const readMeta = statement(
  'meta_read',
  `SELECT coalesce(max(CASE key WHEN 'schema' THEN value END), 0) AS "schema",
     coalesce(max(CASE key WHEN 'minimum_program' THEN value END), 0) AS minimum_program FROM meta`,
);
const writeMeta = statement(
  'meta_write',
  'INSERT INTO meta (key, value) VALUES ($1, $2) ON CONFLICT (key) DO UPDATE SET value = excluded.value',
);

/**
 * Brings the database to the newest schema this program knows; to be run in one transaction that no other program's
 * migration can overlap. A database that a newer program has taken further is left as it is.
 * @param now milliseconds since the epoch
 * @throws StoreOpenError `database_newer` when the database names a newer program as the oldest it serves
 */
export function* migrate(dialect: Dialect, now: number, migrations = MIGRATIONS): Verb<void> {
  const program = migrations.at(-1)?.number ?? 0;
  yield* change(makeMeta(dialect));
  const meta = yield* row<{ schema: number; minimum_program: number }>(readMeta);
  const { schema = 0, minimum_program: minimumProgram = 0 } = meta ?? {};
  if (minimumProgram > program) {
    throw new StoreOpenError(
      'database_newer',
      `The database was made by a newer Tessera: it needs schema ${minimumProgram}, this program knows ${program}. Update Tessera.`,
    );
  }
  let oldest = minimumProgram;
  for (const migration of migrations) {
    if (migration.number <= schema) continue;
    for (const [index, sql] of migration.statements(dialect, now).entries()) {
      yield* change(statement(`migration_${migration.number}_${index}`, sql));
    }
    yield* change(writeMeta, 'schema', migration.number);
    // What one migration asks of programs, a later one that asks for less does not take back.
    oldest = Math.max(oldest, migration.minimumProgram);
    yield* change(writeMeta, 'minimum_program', oldest);
  }
}
