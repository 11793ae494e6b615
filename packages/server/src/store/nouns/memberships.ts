import { type Member, type Membership, ORGANIZATION_ROLES } from '../../domain/membership.ts';
import type { Memberships } from '../../ports/memberships.ts';
import { LastOwner } from '../../ports/store-errors.ts';
import type { Database } from '../database.ts';
import { listPage, oneOf } from '../list-page.ts';
import { change, lastly, lockingStatement, row, rows, statement, step } from '../statement.ts';
import type { Step, Verb } from '../statement.ts';
import { announcePersonalTokensOfMember } from './announce.ts';
import { recordAudit } from './audit.ts';
import { judgeMemberAnew } from './end-access-tokens.ts';
import { endAgentsOf } from './end-agents.ts';
import { endPersonalTokensOfMember } from './end-personal-tokens.ts';

interface MembershipColumns {
  readonly seq: number;
  readonly organization_id: string;
  readonly user_id: string;
  readonly role: Membership['role'];
  readonly created_at: number;
  readonly updated_at: number;
}

interface MemberColumns extends MembershipColumns {
  readonly email: string;
  readonly display_name: string;
}

const findOfUser = statement(
  'memberships_of_user',
  'SELECT * FROM memberships WHERE user_id = $1 ORDER BY seq',
);
const SELECT_MEMBER = 'SELECT memberships.*, users.email, users.display_name';
const JOIN_USER = 'JOIN users ON users.id = memberships.user_id';
const findMember = statement(
  'membership_find',
  `${SELECT_MEMBER} FROM memberships ${JOIN_USER}
   WHERE memberships.organization_id = $1 AND memberships.user_id = $2`,
);
// Whoever takes an owner away waits here for whoever else does.
const lockOrganization = lockingStatement(
  'membership_lock_organization',
  "SELECT id FROM organizations WHERE id = $1 AND kind <> 'personal'",
);
const lockUser = lockingStatement('membership_lock_user', 'SELECT id FROM users WHERE id = $1');
const insertMembership = statement(
  'membership_insert',
  `INSERT INTO memberships (organization_id, user_id, role, created_at, updated_at) VALUES ($1, $2, $3, $4, $5)
   ON CONFLICT (organization_id, user_id) DO NOTHING`,
);
const updateMembership = statement(
  'membership_update',
  'UPDATE memberships SET role = $3, updated_at = $4 WHERE organization_id = $1 AND user_id = $2 AND updated_at = $5',
);
const deleteMembership = statement(
  'membership_delete',
  'DELETE FROM memberships WHERE organization_id = $1 AND user_id = $2 AND updated_at = $3',
);
const findOwners = statement(
  'membership_find_owners',
  "SELECT user_id FROM memberships WHERE organization_id = $1 AND role = 'owner'",
);

export function createMemberships(database: Database): Memberships {
  /** A verb that may take an owner away; the organization's owners stay as they are until it has ended. */
  const writeKeepingAnOwner = async (
    { organizationId, userId }: Membership,
    losesOwner: boolean,
    verb: () => Verb<boolean>,
  ): Promise<boolean> => {
    const outcome = await database.write(function* (): Verb<boolean | 'last_owner'> {
      if (!(yield* lockedOrganization(organizationId))) return false;
      if (losesOwner && (yield* isLastOwner(organizationId, userId))) return 'last_owner';
      return yield* verb();
    });
    if (outcome === 'last_owner') throw new LastOwner();
    return outcome;
  };

  return {
    ofUser: async (userId) => (await database.find<MembershipColumns>(findOfUser, userId)).map(toMembership),

    async find(organizationId, userId) {
      const [found] = await database.find<MemberColumns>(findMember, organizationId, userId);
      return found === undefined ? undefined : toMember(found);
    },

    list: (organizationId, page, roles) =>
      listPage<MemberColumns, Member>(
        database,
        {
          name: 'memberships',
          table: 'memberships',
          select: `${SELECT_MEMBER} FROM {page} ${JOIN_USER} ORDER BY memberships.seq DESC`,
          where: [['organization_id = $', organizationId], oneOf('role', roles)],
          toItems: (found) => found.map(toMember),
        },
        page,
      ),

    add: (membership, audit) =>
      database.write(function* (): Verb<'added' | 'member_already' | 'gone'> {
        const outcome = yield* addMember(membership, audit.at);
        if (outcome === 'added') yield* lastly(recordAudit(audit));
        return outcome;
      }),

    changeRole: (membership, audit, before) =>
      writeKeepingAnOwner(membership, before.role === 'owner' && membership.role !== 'owner', function* () {
        const { organizationId, userId, role, updatedAt } = membership;
        const changed = yield* change(
          updateMembership,
          organizationId,
          userId,
          role,
          updatedAt,
          before.updatedAt,
        );
        if (changed === 0) return false;
        yield { steps: judgeMemberAnew(userId, audit.at), last: false };
        if (hasLess(before, membership)) yield* endAgentsOf(userId, audit.at);
        yield* lastly(announcePersonalTokensOfMember(userId, organizationId, audit.at), recordAudit(audit));
        return true;
      }),

    remove: (membership, audit) =>
      writeKeepingAnOwner(membership, membership.role === 'owner', function* () {
        const { organizationId, userId, updatedAt } = membership;
        if ((yield* change(deleteMembership, organizationId, userId, updatedAt)) === 0) return false;
        yield { steps: judgeMemberAnew(userId, audit.at), last: false };
        yield* endAgentsOf(userId, audit.at);
        yield* lastly(...endPersonalTokensOfMember(userId, organizationId, audit.at), recordAudit(audit));
        return true;
      }),
  };
}

/** Holds an organization that may have members until the verb has ended. @returns false if there is none */
export function* lockedOrganization(id: string): Verb<boolean> {
  return (yield* row(lockOrganization, id)) !== undefined;
}

/** A person becomes a member, within a larger verb. @param at now */
export function* addMember(membership: Membership, at: number): Verb<'added' | 'member_already' | 'gone'> {
  if (!(yield* lockedOrganization(membership.organizationId))) return 'gone';
  if ((yield* row(lockUser, membership.userId)) === undefined) return 'gone';
  const { statement: on, values } = membershipStep(membership);
  if ((yield* change(on, ...values)) === 0) return 'member_already';
  yield { steps: judgeMemberAnew(membership.userId, at), last: false };
  return 'added';
}

/** The row of a member of an organization that the same verb has just made. */
export function membershipStep({ organizationId, userId, role, createdAt, updatedAt }: Membership): Step {
  return step(insertMembership, organizationId, userId, role, createdAt, updatedAt);
}

const findSoleOwned = statement(
  'membership_find_sole_owned',
  `SELECT organizations.id FROM memberships AS own JOIN organizations ON organizations.id = own.organization_id
   WHERE own.user_id = $1 AND own.role = 'owner' AND organizations.kind = 'team' AND NOT EXISTS (
     SELECT 1 FROM memberships AS others
     WHERE others.organization_id = own.organization_id AND others.role = 'owner' AND others.user_id <> $1)`,
);
const lockOwned = lockingStatement(
  'membership_lock_owned',
  `SELECT id FROM organizations WHERE id IN (
     SELECT organization_id FROM memberships WHERE user_id = $1 AND role = 'owner') ORDER BY id`,
);

/** Whether a team would be left without an owner if the person went; they all stay as they are until the verb has ended. */
export function* isLastOwnerAnywhere(userId: string): Verb<boolean> {
  yield* rows(lockOwned, userId);
  return (yield* row(findSoleOwned, userId)) !== undefined;
}

const findMembers = statement(
  'membership_find_all',
  `SELECT user_id FROM memberships WHERE organization_id = $1 ORDER BY user_id`,
);

/** An organization goes, and everybody's membership with it; within a larger verb, before it has gone. */
export function* judgeMembersAnew(organizationId: string, at: number): Verb<void> {
  for (const { user_id: userId } of yield* rows<{ readonly user_id: string }>(findMembers, organizationId)) {
    yield { steps: judgeMemberAnew(userId, at), last: false };
  }
}

function* isLastOwner(organizationId: string, userId: string): Verb<boolean> {
  const owners = yield* rows<{ readonly user_id: string }>(findOwners, organizationId);
  return owners.length === 1 && owners[0]?.user_id === userId;
}

function toMembership(columns: MembershipColumns): Membership {
  return {
    organizationId: columns.organization_id,
    userId: columns.user_id,
    role: columns.role,
    createdAt: columns.created_at,
    updatedAt: columns.updated_at,
  };
}

function toMember(columns: MemberColumns): Member {
  return { ...toMembership(columns), email: columns.email, displayName: columns.display_name };
}

/** Agents have no more than their owner: what they hold ends where the owner has less than before. */
function hasLess(before: Membership, after: Membership): boolean {
  return ORGANIZATION_ROLES.indexOf(after.role) > ORGANIZATION_ROLES.indexOf(before.role);
}
