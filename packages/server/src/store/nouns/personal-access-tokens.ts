import type { AuditEvent } from '../../domain/audit-event.ts';
import {
  MOST_PERSONAL_TOKENS,
  PERSONAL_TOKEN_STATUSES,
  type PersonalAccessToken,
  type PersonalTokenEnd,
  type PersonalTokenStatus,
} from '../../domain/personal-access-token.ts';
import type { SealedMail } from '../../domain/mail-message.ts';
import type { User } from '../../domain/user.ts';
import type {
  PersonalAccessTokens,
  PersonalTokenFilter,
  PersonalTokenState,
} from '../../ports/personal-access-tokens.ts';
import { joinScopes, nullable, present, splitScopes } from '../columns.ts';
import type { Database } from '../database.ts';
import { insertion } from '../insertion.ts';
import { listPage, type ListCondition, type ListOf, ofOrganizations, TEXTS } from '../list-page.ts';
import { change, lastly, row, statement, step } from '../statement.ts';
import type { Step, Value, Verb } from '../statement.ts';
import { announcePersonalToken } from './announce.ts';
import { recordAudit } from './audit.ts';
import { enqueueMail } from './outbox.ts';
import { toTokenUse, type TokenUseColumns } from './token-uses.ts';

interface PersonalTokenColumns extends TokenUseColumns {
  readonly seq: number;
  readonly id: string;
  readonly hash: Uint8Array;
  readonly hint: string;
  readonly user_id: string;
  readonly organization_id: string;
  readonly resource_id: string;
  readonly name: string;
  readonly description: string | null;
  readonly scopes: string;
  readonly created_at: number;
  readonly updated_at: number;
  readonly expires_at: number | null;
  readonly approval: PersonalAccessToken['approval'];
  readonly approval_organization_id: string | null;
  readonly decided_by: string | null;
  readonly decided_at: number | null;
  readonly decision_reason: string | null;
  readonly revoked_at: number | null;
  readonly revoked_reason: PersonalTokenEnd | null;
  readonly regenerated_from: string | null;
  readonly regenerated_at: number | null;
  readonly owner_role: User['role'];
  readonly owner_status: User['status'];
  readonly owner_organization_id: string;
  readonly owner_email: string;
  readonly owner_name: string;
}

const tokens = insertion('personal_access_tokens', {
  id: 'text',
  hash: 'bytes',
  hint: 'text',
  user_id: 'text',
  organization_id: 'text',
  resource_id: 'text',
  name: 'text',
  description: 'text',
  scopes: 'text',
  created_at: 'integer',
  updated_at: 'integer',
  expires_at: 'integer',
  approval: 'text',
  approval_organization_id: 'text',
  decided_by: 'text',
  decided_at: 'integer',
  decision_reason: 'text',
  revoked_at: 'integer',
  revoked_reason: 'text',
  regenerated_from: 'text',
  regenerated_at: 'integer',
});

const STATE = `SELECT personal_access_tokens.*, token_uses.used_at, token_uses.used_by, token_uses.used_from,
    token_uses.used_with, users.role AS owner_role, users.status AS owner_status,
    users.organization_id AS owner_organization_id, users.email AS owner_email,
    users.display_name AS owner_name`;
const JOINED = `JOIN users ON users.id = personal_access_tokens.user_id
  LEFT JOIN token_uses ON token_uses.token_id = personal_access_tokens.hash`;
const findToken = statement(
  'personal_token_find',
  `${STATE} FROM personal_access_tokens ${JOINED} WHERE personal_access_tokens.id = $1`,
);
const findByHash = statement(
  'personal_token_find_by_hash',
  `${STATE} FROM personal_access_tokens ${JOINED} WHERE personal_access_tokens.hash = $1`,
);
const countLive = statement(
  'personal_token_count',
  `SELECT count(*) AS live FROM personal_access_tokens
   WHERE user_id = $1 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > $2) AND id <> $3`,
);
const updateToken = statement(
  'personal_token_update',
  `UPDATE personal_access_tokens SET name = $2, description = $3, scopes = $4, expires_at = $5, updated_at = $6,
     approval = $7, approval_organization_id = $8,
     warned_days = CASE WHEN expires_at = $5 THEN warned_days END
   WHERE id = $1 AND revoked_at IS NULL AND updated_at = $9`,
);
const replaceToken = statement(
  'personal_token_replace',
  `UPDATE personal_access_tokens SET regenerated_at = $2, updated_at = $2,
     revoked_at = CASE WHEN CAST($3 AS bigint) <= $2 THEN CAST($2 AS bigint) END,
     revoked_reason = CASE WHEN CAST($3 AS bigint) <= $2 THEN 'regenerated' END,
     expires_at = CASE WHEN expires_at < $3 OR CAST($3 AS bigint) <= $2 THEN expires_at ELSE CAST($3 AS bigint) END
   WHERE id = $1 AND revoked_at IS NULL AND regenerated_at IS NULL`,
);
const revokeToken = statement(
  'personal_token_revoke',
  `UPDATE personal_access_tokens SET revoked_at = $2, revoked_reason = $3, updated_at = $2
   WHERE id = $1 AND revoked_at IS NULL`,
);
// `none` may be approved as well: where a rule came later, older tokens wait for a decision.
const decideToken = statement(
  'personal_token_decide',
  `UPDATE personal_access_tokens SET approval = CASE WHEN $2 = 'approved' THEN 'approved' ELSE approval END,
     decided_by = $3, decided_at = $4, decision_reason = $5, updated_at = $4, approval_organization_id = $6,
     revoked_at = CASE WHEN $2 = 'denied' THEN CAST($4 AS bigint) END,
     revoked_reason = CASE WHEN $2 = 'denied' THEN 'denied' END
   WHERE id = $1 AND revoked_at IS NULL AND approval <> 'approved'`,
);

const NEVER = Number.MAX_SAFE_INTEGER;

const HAS_STATUS: Readonly<Record<PersonalTokenStatus, string>> = {
  active: "(expires_at IS NULL OR expires_at > $) AND revoked_at IS NULL AND approval <> 'pending'",
  pending: `CASE WHEN revoked_at IS NULL AND approval = 'pending' THEN coalesce(expires_at, ${NEVER}) END > $`,
  expired: 'expires_at <= $ AND revoked_at IS NULL',
  revoked: 'revoked_at <= $',
};

const findEnding = statement(
  'personal_token_find_ending',
  `${STATE} FROM personal_access_tokens ${JOINED}
   WHERE personal_access_tokens.revoked_at IS NULL AND personal_access_tokens.expires_at > $1
     AND personal_access_tokens.expires_at <= $2
     AND (personal_access_tokens.warned_days IS NULL OR personal_access_tokens.warned_days > $3)
     AND personal_access_tokens.expires_at - personal_access_tokens.created_at > $4
     AND personal_access_tokens.regenerated_at IS NULL AND users.status = 'active'
   ORDER BY personal_access_tokens.expires_at LIMIT $5`,
);
// Whoever notes it sends the mail: of two nodes that found it due, one finds it noted.
const warnOwner = statement(
  'personal_token_warn',
  `UPDATE personal_access_tokens SET warned_days = CAST($2 AS bigint)
   WHERE id = $1 AND revoked_at IS NULL AND (warned_days IS NULL OR warned_days > $2)`,
);

function enqueued(mail: SealedMail | undefined): Step | undefined {
  return mail === undefined ? undefined : enqueueMail(mail);
}

export function createPersonalAccessTokens(database: Database): PersonalAccessTokens {
  return {
    create: (token, audit, mails = []) =>
      database.write(function* (): Verb<boolean> {
        const counted = yield* row<{ live: number }>(countLive, token.userId, token.createdAt, '');
        if ((counted?.live ?? 0) >= MOST_PERSONAL_TOKENS) return false;
        yield* lastly(
          step(tokens.statement, ...values(token)),
          recordAudit(audit),
          ...mails.map(enqueueMail),
        );
        return true;
      }),

    find: async (id) => first(await database.find(findToken, id)),
    findByHash: async (hash) => first(await database.find(findByHash, hash)),

    update: (token, audit, before, mails = []) =>
      database.write(function* (): Verb<boolean> {
        const { id, name, description, scopes, expiresAt, updatedAt, approval, approvalOrganizationId } =
          token;
        const changes = yield* change(
          updateToken,
          id,
          name,
          nullable(description),
          joinScopes(scopes),
          nullable(expiresAt),
          updatedAt,
          approval,
          nullable(approvalOrganizationId),
          before.updatedAt,
        );
        if (changes === 0) return false;
        yield* lastly(announcePersonalToken(id, updatedAt), recordAudit(audit), ...mails.map(enqueueMail));
        return true;
      }),

    regenerate: (successor, old, audit, mails = []) =>
      database.write(() => regenerate(successor, old, audit, mails)),

    revoke: (id, at, reason, audit, mails = []) =>
      database.write(function* (): Verb<boolean> {
        if ((yield* change(revokeToken, id, at, reason)) === 0) return false;
        yield* lastly(announcePersonalToken(id, at), recordAudit(audit), ...mails.map(enqueueMail));
        return true;
      }),

    decide: (id, { outcome, by, organizationId, at, reason }, audit, mail) =>
      database.write(function* (): Verb<boolean> {
        const decision = [outcome, by, at, nullable(reason), organizationId];
        if ((yield* change(decideToken, id, ...decision)) === 0) return false;
        yield* lastly(announcePersonalToken(id, at), recordAudit(audit), enqueued(mail));
        return true;
      }),

    async endingWithin({ at, until, days, limit }) {
      const lifeMs = days * 24 * 3600 * 1000;
      const found = await database.scan<PersonalTokenColumns>(findEnding, at, until, days, lifeMs, limit);
      return found.map((columns) => toState(columns).token);
    },

    warn: (id, days, mail) =>
      database.write(function* (): Verb<boolean> {
        if ((yield* change(warnOwner, id, days)) === 0) return false;
        yield* lastly(enqueued(mail));
        return true;
      }),

    list: (filter, page) => listPage(database, listOf(filter), page),
  };
}

function* regenerate(
  successor: PersonalAccessToken,
  { id, at, endsAt }: Parameters<PersonalAccessTokens['regenerate']>[1],
  audit: AuditEvent,
  mails: readonly SealedMail[],
): Verb<'regenerated' | 'ended' | 'too_many'> {
  // The old one makes room for the new one, unless both are to be good for a while.
  const leaves = endsAt <= at ? id : '';
  const counted = yield* row<{ live: number }>(countLive, successor.userId, at, leaves);
  if ((counted?.live ?? 0) >= MOST_PERSONAL_TOKENS) return 'too_many';
  if ((yield* change(replaceToken, id, at, endsAt)) === 0) return 'ended';
  yield* lastly(
    step(tokens.statement, ...values(successor)),
    announcePersonalToken(id, at),
    recordAudit(audit),
    ...mails.map(enqueueMail),
  );
  return 'regenerated';
}

/** The one in which a token was made, or whose approval it needs. */
function ofEither(ids: readonly string[] | undefined): ListCondition {
  const named = '(organization_id, approval_organization_id)';
  return [
    `EXISTS (SELECT 1 FROM json_each($) WHERE value IN ${named})`,
    ids === undefined ? undefined : JSON.stringify(ids),
    `ARRAY[organization_id, approval_organization_id] && ${TEXTS}`,
  ];
}

function listOf(filter: PersonalTokenFilter): ListOf<PersonalTokenColumns, PersonalTokenState> {
  return {
    name: 'personal_tokens',
    table: 'personal_access_tokens',
    select: `${STATE} FROM {page} ${JOINED} ORDER BY personal_access_tokens.seq DESC`,
    where: [
      ['user_id = $', filter.userId],
      ofEither(filter.organizationIds),
      ofOrganizations('coalesce(approval_organization_id, organization_id)', filter.deciders),
      ['resource_id = $', filter.resourceId],
      ...PERSONAL_TOKEN_STATUSES.map(
        (status) =>
          [HAS_STATUS[status], filter.status?.is === status ? filter.status.at : undefined] as const,
      ),
    ],
    toItems: (rows) => rows.map(toState),
  };
}

function values(token: PersonalAccessToken): readonly Value[] {
  return [
    token.id,
    token.hash,
    token.hint,
    token.userId,
    token.organizationId,
    token.resourceId,
    token.name,
    nullable(token.description),
    joinScopes(token.scopes),
    token.createdAt,
    token.updatedAt,
    nullable(token.expiresAt),
    token.approval,
    nullable(token.approvalOrganizationId),
    nullable(token.decidedBy),
    nullable(token.decidedAt),
    nullable(token.decisionReason),
    nullable(token.revokedAt),
    nullable(token.revokedReason),
    nullable(token.regeneratedFrom),
    nullable(token.regeneratedAt),
  ];
}

function first(found: readonly PersonalTokenColumns[]): PersonalTokenState | undefined {
  return found.map(toState)[0];
}

function toState(columns: PersonalTokenColumns): PersonalTokenState {
  const token: PersonalAccessToken = present({
    id: columns.id,
    hash: columns.hash,
    hint: columns.hint,
    userId: columns.user_id,
    organizationId: columns.organization_id,
    resourceId: columns.resource_id,
    name: columns.name,
    description: columns.description,
    scopes: splitScopes(columns.scopes),
    createdAt: columns.created_at,
    updatedAt: columns.updated_at,
    expiresAt: columns.expires_at,
    approval: columns.approval,
    approvalOrganizationId: columns.approval_organization_id,
    decidedBy: columns.decided_by,
    decidedAt: columns.decided_at,
    decisionReason: columns.decision_reason,
    revokedAt: columns.revoked_at,
    revokedReason: columns.revoked_reason,
    regeneratedFrom: columns.regenerated_from,
    regeneratedAt: columns.regenerated_at,
  });
  const owner = {
    id: columns.user_id,
    organizationId: columns.owner_organization_id,
    role: columns.owner_role,
    status: columns.owner_status,
    email: columns.owner_email,
    displayName: columns.owner_name,
  };
  const lastUse = toTokenUse(columns);
  return { token, owner, ...(lastUse !== undefined && { lastUse }) };
}
