import { type Invitation, MAX_OPEN_INVITATIONS } from '../../domain/invitation.ts';
import type { Invitations } from '../../ports/invitations.ts';
import type { Database } from '../database.ts';
import { listPage } from '../list-page.ts';
import { change, lastly, row, statement, step } from '../statement.ts';
import type { Verb } from '../statement.ts';
import { recordAudit } from './audit.ts';
import { addMember, lockedOrganization } from './memberships.ts';
import { enqueueMail } from './outbox.ts';

interface InvitationColumns {
  readonly seq: number;
  readonly id: string;
  readonly hash: Uint8Array;
  readonly organization_id: string;
  readonly email: string;
  readonly role: Invitation['role'];
  readonly invited_by: string;
  readonly created_at: number;
  readonly expires_at: number;
}

const findByHash = statement(
  'invitation_find_by_hash',
  'SELECT * FROM invitations WHERE hash = $1 AND expires_at > $2',
);
const findById = statement('invitation_find', 'SELECT * FROM invitations WHERE id = $1 AND expires_at > $2');
const deleteOlder = statement(
  'invitation_delete_older',
  'DELETE FROM invitations WHERE organization_id = $1 AND (email = $2 OR expires_at <= $3)',
);
const countOpen = statement(
  'invitation_count',
  'SELECT count(*) AS open FROM invitations WHERE organization_id = $1',
);
const insertInvitation = statement(
  'invitation_insert',
  `INSERT INTO invitations (id, hash, organization_id, email, role, invited_by, created_at, expires_at)
   VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
);
const deleteInvitation = statement('invitation_delete', 'DELETE FROM invitations WHERE id = $1');
const useInvitation = statement(
  'invitation_use',
  'DELETE FROM invitations WHERE id = $1 AND organization_id = $2 AND role = $3 AND expires_at > $4',
);

export function createInvitations(database: Database): Invitations {
  return {
    create: (invitation, mail, audit) =>
      database.write(function* (): Verb<'created' | 'too_many' | 'gone'> {
        const { id, hash, organizationId, email, role, invitedBy, createdAt, expiresAt } = invitation;
        if (!(yield* lockedOrganization(organizationId))) return 'gone';
        yield* change(deleteOlder, organizationId, email, createdAt);
        const counted = yield* row<{ readonly open: number }>(countOpen, organizationId);
        if ((counted?.open ?? 0) >= MAX_OPEN_INVITATIONS) return 'too_many';
        yield* lastly(
          step(insertInvitation, id, hash, organizationId, email, role, invitedBy, createdAt, expiresAt),
          enqueueMail(mail),
          recordAudit(audit),
        );
        return 'created';
      }),

    list: (organizationId, now, page) =>
      listPage<InvitationColumns, Invitation>(
        database,
        {
          name: 'invitations',
          table: 'invitations',
          select: 'SELECT * FROM {page} ORDER BY seq DESC',
          where: [
            ['organization_id = $', organizationId],
            ['expires_at > $', now],
          ],
          toItems: (found) => found.map(toInvitation),
        },
        page,
      ),

    findByHash: async (hash, now) => first(await database.find(findByHash, hash, now)),
    find: async (id, now) => first(await database.find(findById, id, now)),

    end: (id, audit) =>
      database.write(function* (): Verb<boolean> {
        if ((yield* change(deleteInvitation, id)) === 0) return false;
        yield* lastly(recordAudit(audit));
        return true;
      }),

    accept: (id, membership, audit) =>
      database.write(function* (): Verb<'added' | 'member_already' | 'gone'> {
        // Whoever waits for the lock finds the invitation used; the deletion decides who was first.
        if (!(yield* lockedOrganization(membership.organizationId))) return 'gone';
        const { organizationId, role, createdAt } = membership;
        if ((yield* change(useInvitation, id, organizationId, role, createdAt)) === 0) return 'gone';
        const outcome = yield* addMember(membership, audit.at);
        if (outcome === 'added') yield* lastly(recordAudit(audit));
        return outcome;
      }),
  };
}

function first(found: readonly InvitationColumns[]): Invitation | undefined {
  return found.map(toInvitation)[0];
}

function toInvitation(columns: InvitationColumns): Invitation {
  return {
    id: columns.id,
    hash: columns.hash,
    organizationId: columns.organization_id,
    email: columns.email,
    role: columns.role,
    invitedBy: columns.invited_by,
    createdAt: columns.created_at,
    expiresAt: columns.expires_at,
  };
}
