import type { AuditEvent } from '../../domain/audit-event.ts';
import type { User } from '../../domain/user.ts';
import { AlreadyExists, LastAdministrator, LastOwner } from '../../ports/store-errors.ts';
import type { GrantEndReason } from '../../domain/grant.ts';
import type { ByMail } from '../../ports/mail-links.ts';
import type { GoesWith, Users } from '../../ports/users.ts';
import { fromJson, nullable, present, toFlag, toJson } from '../columns.ts';
import { UniqueViolation } from '../database.ts';
import type { Database } from '../database.ts';
import { type ListCondition, listPage } from '../list-page.ts';
import { change, lastly, lockingStatement, row, rows, statement, step } from '../statement.ts';
import type { Statement, Step, Value, Verb } from '../statement.ts';
import { announceGrantsOfUser, announceTokensOfUser } from './announce.ts';
import { forgetPerson, recordAudit } from './audit.ts';
import { deleteAgentsOf, endAgentsOf } from './end-agents.ts';
import { endPersonalTokensOfUser } from './end-personal-tokens.ts';
import { byMailSteps, endLinksOfUser, mayGoOn } from './mail-links.ts';
import { isLastOwnerAnywhere } from './memberships.ts';
import type { OwnerCaches } from './organizations.ts';
import { removeOwned } from './remove-owned.ts';
import { signOutUserSteps } from './sign-out.ts';

interface UserColumns {
  readonly seq: number;
  readonly id: string;
  readonly email: string;
  readonly email_verified: number;
  readonly display_name: string;
  readonly role: User['role'];
  readonly status: User['status'];
  readonly organization_id: string;
  readonly password_hash: string | null;
  readonly claims: string;
  readonly created_at: number;
  readonly updated_at: number;
}

/** What of a user decides what else a change ends. */
interface KeptColumns {
  readonly email: string;
  readonly password_hash: string | null;
  readonly role: User['role'];
}

const findUser = statement('user_find', 'SELECT * FROM users WHERE id = $1');
const findUserByEmail = statement('user_find_by_email', 'SELECT * FROM users WHERE email = $1');
const findUserByOrganization = statement(
  'user_find_by_organization',
  'SELECT * FROM users WHERE organization_id = $1',
);
const countAdmins = statement(
  'user_count_admins',
  "SELECT count(*) AS admins FROM users WHERE role = 'admin' AND status = 'active'",
);
const insertPersonalOrganization = statement(
  'user_insert_organization',
  "INSERT INTO organizations (id, name, kind, created_at) VALUES ($1, $2, 'personal', $3)",
);
const insertUser = statement(
  'user_insert',
  `INSERT INTO users (id, email, email_verified, display_name, role, status, organization_id, password_hash,
     created_at, updated_at, disabled_at, claims)
   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
);
// disabled_at keeps the moment of the first disabling while the user stays disabled.
const updateUser = statement(
  'user_update',
  `UPDATE users SET email = $2, email_verified = $3, display_name = $4, role = $5, status = $6, organization_id = $7,
     password_hash = $8, created_at = $9, updated_at = $10,
     disabled_at = CASE WHEN $6 = 'disabled' THEN coalesce(disabled_at, $11) END, claims = $12
   WHERE id = $1 AND updated_at = coalesce(CAST($13 AS bigint), updated_at)`,
);
const endSessions = statement(
  'user_end_sessions',
  'UPDATE sessions SET ended_at = $2 WHERE user_id = $1 AND ended_at IS NULL',
);
const endFamilies = statement(
  'user_end_families',
  `UPDATE refresh_families SET ended_at = $2
   WHERE ended_at IS NULL AND grant_id IN (SELECT id FROM grants WHERE user_id = $1 AND ended_at IS NULL)`,
);
const endGrants = statement(
  'user_end_grants',
  'UPDATE grants SET ended_at = $2, end_reason = $3 WHERE user_id = $1 AND ended_at IS NULL',
);
// Tokens that hang from no grant, such as the one for the command line: they would be good again with the account.
const endLooseTokens = statement(
  'user_end_tokens',
  `UPDATE access_tokens SET revoked_at = $2
   WHERE user_id = $1 AND grant_id IS NULL AND revoked_at IS NULL AND expires_at > $2`,
);
const lockUser = lockingStatement('user_lock', 'SELECT email, password_hash, role FROM users WHERE id = $1');
// Whoever takes an administrator away waits here for whoever else does.
const lockAdmins = lockingStatement(
  'user_lock_admins',
  "SELECT id FROM users WHERE role = 'admin' AND status = 'active' ORDER BY id",
);
const deleteUser = statement('user_delete', 'DELETE FROM users WHERE id = $1 RETURNING organization_id');
const lockPersonal = lockingStatement(
  'user_lock_personal',
  `SELECT organizations.id FROM organizations WHERE kind = 'personal'
     AND id IN (SELECT organization_id FROM users WHERE id = $1)
     AND NOT EXISTS (SELECT 1 FROM users WHERE organization_id = organizations.id AND id <> $1)`,
);
const deletePersonal = statement(
  'user_delete_organization',
  `DELETE FROM organizations WHERE id = $1 AND kind = 'personal'
     AND NOT EXISTS (SELECT 1 FROM users WHERE organization_id = $1)`,
);

const LIST = {
  name: 'users',
  table: 'users',
  select: 'SELECT * FROM {page} ORDER BY seq DESC',
  toItems: (found: readonly UserColumns[]) => found.map(toUser),
};

export function createUsers(database: Database, { organizations, clients, resources }: OwnerCaches): Users {
  const write = async <Result>(verb: () => Verb<Result>): Promise<Result> => {
    try {
      return await database.write(verb);
    } catch (error) {
      throw error instanceof UniqueViolation && error.column === 'users.email'
        ? new AlreadyExists('email')
        : error;
    }
  };

  const findBy = async (on: Statement, value: string) => first(await database.find(on, value));

  return {
    find: (id) => findBy(findUser, id),
    findByEmail: (email) => findBy(findUserByEmail, email),
    findByPersonalOrganization: (id) => findBy(findUserByOrganization, id),

    create: (user, audit, by = {}) =>
      write(function* (): Verb<boolean> {
        if (!(yield* mayGoOn(by))) return false;
        yield* change(insertPersonalOrganization, user.organizationId, user.displayName, user.createdAt);
        yield* change(insertUser, ...values(user));
        yield* lastly(...byMailSteps(by), recordAudit(audit));
        return true;
      }),

    async update(user, audit, before, by = {}) {
      const outcome = await write(() => replaceUser(user, audit, before, by));
      if (outcome === 'last_admin') throw new LastAdministrator();
      // What an agent was given while this was written; it has looked at its owner since, or ends now.
      if (outcome === 'agents_ended') await database.write(() => endAgentsOf(user.id, user.updatedAt + 1000));
      return outcome !== 'gone';
    },

    // Sessions, consents and grants go with the row. All of it ends before, so that those who listen hear of it.
    async delete(id, audit, by = {}) {
      const deleted = await write(() => deletePerson(id, audit, by));
      if (deleted instanceof Error) throw deleted;
      if (deleted === undefined) return false;
      organizations.forget(deleted);
      clients.forget();
      resources.forget();
      return true;
    },

    list: (page, { role, status } = {}) => {
      const where: readonly ListCondition[] = [
        ['role = $', role],
        ['status = $', status],
      ];
      return listPage<UserColumns, User>(database, { ...LIST, where }, page);
    },

    async countAdmins() {
      const [counted] = await database.find<{ admins: number }>(countAdmins);
      return counted?.admins ?? 0;
    },
  };
}

/** `agents_ended`: replaced, and agents of the user have lost what they held. */
function* replaceUser(
  user: User,
  audit: AuditEvent,
  before: User | undefined,
  by: GoesWith,
): Verb<'last_admin' | 'gone' | 'replaced' | 'agents_ended'> {
  const isActiveAdmin = user.role === 'admin' && user.status === 'active';
  if (!isActiveAdmin && (yield* isLastAdmin(user.id))) return 'last_admin';
  const kept = yield* row<KeptColumns>(lockUser, user.id);
  if (kept === undefined || !(yield* mayGoOn(by))) return 'gone';
  const changes = yield* change(updateUser, ...values(user), nullable(before?.updatedAt));
  if (changes === 0) return 'gone';
  const agents = standsForLess(user, kept) ? yield* endAgentsOf(user.id, user.updatedAt) : 0;
  const reason = endOf(user, kept.password_hash);
  const ended = reason === undefined ? [] : endEverything(user.id, user.updatedAt, reason);
  const tokens =
    reason === 'password_changed' && by.endsPersonalTokens === true
      ? endPersonalTokensOfUser(user.id, user.updatedAt, reason)
      : [];
  const isOtherDoor = kept.email !== user.email || kept.password_hash !== nullable(user.passwordHash);
  const endedLinks = isOtherDoor ? endLinksOfUser(user.id, user.updatedAt) : undefined;
  yield* lastly(...ended, ...tokens, endedLinks, ...byMailSteps(by), recordAudit(audit));
  return agents > 0 ? 'agents_ended' : 'replaced';
}

/** @returns the personal organization, which goes with them, and everything in it */
function* deletePerson(
  id: string,
  audit: AuditEvent,
  by: ByMail,
): Verb<LastAdministrator | LastOwner | string | undefined> {
  if (yield* isLastAdmin(id)) return new LastAdministrator();
  if (yield* isLastOwnerAnywhere(id)) return new LastOwner();
  const personal = yield* row<{ readonly id: string }>(lockPersonal, id);
  if (personal !== undefined) yield* removeOwned(personal.id, audit.at);
  yield { steps: endEverything(id, audit.at, 'user_disabled'), last: false };
  yield* deleteAgentsOf(id, audit.at);
  const deleted = yield* row<{ organization_id: string }>(deleteUser, id);
  if (deleted === undefined) return undefined;
  const emptied = step(deletePersonal, deleted.organization_id);
  yield* lastly(emptied, ...byMailSteps(by), recordAudit(audit), ...forgetPerson(id));
  return deleted.organization_id;
}

function* isLastAdmin(id: string): Verb<boolean> {
  const admins = yield* rows<{ readonly id: string }>(lockAdmins);
  return admins.length === 1 && admins[0]?.id === id;
}

/** Agents have no more than their owner: what they hold ends where the owner has less than before. */
function standsForLess(user: User, kept: KeptColumns): boolean {
  return user.status !== 'active' || (kept.role === 'admin' && user.role !== 'admin');
}

/**
 * Why what hangs from the user ends with this change: whoever got in before is to be kept out, be it by the old
 * password, or by another way in where this is the first one.
 */
function endOf(user: User, passwordHash: string | null): GrantEndReason | undefined {
  if (user.status !== 'active') return 'user_disabled';
  return passwordHash === nullable(user.passwordHash) ? undefined : 'password_changed';
}

function endEverything(id: string, at: number, reason: GrantEndReason): readonly Step[] {
  return [
    step(endSessions, id, at),
    ...signOutUserSteps(id, at),
    step(endFamilies, id, at),
    step(endGrants, id, at, reason),
    ...announceGrantsOfUser(id, at),
    ...(reason === 'user_disabled'
      ? [
          step(endLooseTokens, id, at),
          ...announceTokensOfUser(id, at),
          ...endPersonalTokensOfUser(id, at, 'owner_disabled'),
        ]
      : []),
  ];
}

function values(user: User): readonly Value[] {
  return [
    user.id,
    user.email,
    toFlag(user.emailVerified),
    user.displayName,
    user.role,
    user.status,
    user.organizationId,
    nullable(user.passwordHash),
    user.createdAt,
    user.updatedAt,
    user.status === 'active' ? null : user.updatedAt,
    toJson(user.claims),
  ];
}

function first(found: readonly UserColumns[]): User | undefined {
  return found.map(toUser)[0];
}

function toUser(columns: UserColumns): User {
  return present({
    id: columns.id,
    email: columns.email,
    emailVerified: columns.email_verified === 1,
    displayName: columns.display_name,
    role: columns.role,
    status: columns.status,
    organizationId: columns.organization_id,
    passwordHash: columns.password_hash,
    claims: fromJson<User['claims']>(columns.claims),
    createdAt: columns.created_at,
    updatedAt: columns.updated_at,
  });
}
