/** `/admin/v1/organizations/{id}/token-rules`: what an organization allows of personal access tokens. */
import type { Random } from '@tessera/tokens';
import type { FastifyRequest } from 'fastify';
import { type Static, Type } from '../../schema/type.ts';
import { LONGEST_PERSONAL_TOKEN_LIFE_MS } from '../../domain/personal-access-token.ts';
import { TOKEN_CREATORS, type TokenRules } from '../../domain/token-rules.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Organizations } from '../../ports/organizations.ts';
import type { OrganizationTokenRules } from '../../ports/token-rules.ts';
import type { Users } from '../../ports/users.ts';
import { requestContext } from '../../http/app.ts';
import { auditEvent } from '../../protocol/audit-event.ts';
import { type Api, caller } from '../api.ts';
import { requireAction, seen } from '../authority-of-caller.ts';
import { Identifier, IdParameter } from '../identifier.ts';
import { changeTime, type OneAtATime, requireWritten } from '../one-at-a-time.ts';
import { operation } from '../operation.ts';
import { Problem } from '../problem.ts';
import { Seconds, toSeconds } from '../seconds.ts';

export interface TokenRuleDependencies {
  readonly tokenRules: OrganizationTokenRules;
  readonly organizations: Pick<Organizations, 'find'>;
  readonly users: Pick<Users, 'find'>;
  readonly clock: Clock;
  readonly random: Random;
  readonly oneAtATime: OneAtATime;
}

const MOST_EXEMPT = 200;
const SHORTEST_LIFE_SECONDS = 60;

const members = {
  max_lifetime: Type.Integer({
    minimum: SHORTEST_LIFE_SECONDS,
    maximum: LONGEST_PERSONAL_TOKEN_LIFE_MS / 1000,
    description: 'The longest life of a token, in seconds',
  }),
  allow_never_expiring: Type.Boolean({ description: 'Whether a token may have no end' }),
  allow_full_scope: Type.Boolean({
    description: 'Whether a token may have every scope of an API that has several',
  }),
  who_may_create: Type.Enum(TOKEN_CREATORS, {
    description: 'The least role; `everyone`: also people who are no members, for APIs that are open to all',
  }),
  approval_required: Type.Boolean({ description: 'Whether an administrator has to approve each token' }),
  exempt_user_ids: Type.Array(Identifier, {
    maxItems: MOST_EXEMPT,
    uniqueItems: true,
    description: 'People to whom none of it applies',
  }),
};

const TokenRulesSchema = Type.Object(
  {
    organization_id: Type.String(),
    ...members,
    updated_at: Type.Optional(Seconds('When they were changed last; absent: never')),
  },
  { title: 'TokenRules' },
);
const Changes = Type.Object(
  {
    max_lifetime: Type.Optional(members.max_lifetime),
    allow_never_expiring: Type.Optional(members.allow_never_expiring),
    allow_full_scope: Type.Optional(members.allow_full_scope),
    who_may_create: Type.Optional(members.who_may_create),
    approval_required: Type.Optional(members.approval_required),
    exempt_user_ids: Type.Optional(members.exempt_user_ids),
  },
  { additionalProperties: false, title: 'TokenRuleChanges' },
);

export function registerTokenRuleRoutes(api: Api, dependencies: TokenRuleDependencies): void {
  registerGet(api, dependencies);
  registerChange(api, dependencies);
}

function registerGet(api: Api, { organizations, tokenRules }: TokenRuleDependencies): void {
  const get = operation({
    operationId: 'getTokenRules',
    summary: 'Show what an organization allows of personal access tokens',
    tag: 'organizations',
    asks: ['token_rules.read'],
    answers: { 200: { description: 'The rules', schema: TokenRulesSchema } },
    problems: ['not_found'],
  });
  api.get('/organizations/:id/token-rules', { schema: { ...get, params: IdParameter } }, async (request) => {
    await seenOrganization(request, request.params.id, organizations);
    return toWire(await tokenRules.of(request.params.id));
  });
}

function registerChange(api: Api, dependencies: TokenRuleDependencies): void {
  const { organizations, tokenRules, users, clock, random, oneAtATime } = dependencies;
  const change = operation({
    operationId: 'updateTokenRules',
    summary: 'Change what an organization allows of personal access tokens',
    description:
      'Asked when a token is made, regenerated and used: a token that was made before and breaks a rule now is refused.',
    tag: 'organizations',
    asks: ['token_rules.manage'],
    answers: { 200: { description: 'As they are now', schema: TokenRulesSchema } },
    problems: ['not_found', 'forbidden'],
  });
  const schema = { ...change, params: IdParameter, body: Changes };
  api.patch('/organizations/:id/token-rules', { schema }, (request) =>
    oneAtATime(async () => {
      const { id } = request.params;
      await seenOrganization(request, id, organizations);
      requireAction(request, 'token_rules.manage', { organizationId: id });
      const context = requestContext(request, clock);
      const before = await tokenRules.of(id);
      await requirePeople(request.body.exempt_user_ids ?? [], before, users);
      const at = changeTime(context.at, before);
      const rules = changed(before, request.body, at);
      const event = {
        type: 'token_rules.updated',
        outcome: 'success',
        actor: caller(request).id,
        organizationId: id,
        detail: { changed: Object.keys(request.body).toSorted().join(' ') },
      } as const;
      requireWritten(await tokenRules.set(rules, auditEvent(context, event, random), before));
      return toWire(rules);
    }),
  );
}

/** @throws Problem `not_found`, the same for an organization that the caller may not see */
async function seenOrganization(
  request: FastifyRequest,
  id: string,
  organizations: Pick<Organizations, 'find'>,
): Promise<void> {
  const found = (await organizations.find(id)) === undefined ? undefined : { organizationId: id };
  seen(request, 'token_rules.read', found, 'No organization has this id');
}

/** Those who were exempt before may be gone by now. @throws Problem `invalid_request` */
async function requirePeople(
  ids: readonly string[],
  before: TokenRules,
  users: Pick<Users, 'find'>,
): Promise<void> {
  const found = await Promise.all(
    ids.map(async (id) => before.exemptUserIds.includes(id) || (await users.find(id)) !== undefined),
  );
  const unknown = found.indexOf(false);
  if (unknown === -1) return;
  const error = { pointer: `/exempt_user_ids/${unknown}`, detail: 'is no person' };
  throw new Problem('invalid_request', `${error.pointer} ${error.detail}`, [error]);
}

function changed(before: TokenRules, changes: Static<typeof Changes>, at: number): TokenRules {
  return {
    organizationId: before.organizationId,
    maxLifetimeSeconds: changes.max_lifetime ?? before.maxLifetimeSeconds,
    allowNeverExpiring: changes.allow_never_expiring ?? before.allowNeverExpiring,
    allowFullScope: changes.allow_full_scope ?? before.allowFullScope,
    whoMayCreate: changes.who_may_create ?? before.whoMayCreate,
    approvalRequired: changes.approval_required ?? before.approvalRequired,
    exemptUserIds: changes.exempt_user_ids ?? before.exemptUserIds,
    updatedAt: at,
  };
}

function toWire(rules: TokenRules): Static<typeof TokenRulesSchema> {
  return {
    organization_id: rules.organizationId,
    max_lifetime: rules.maxLifetimeSeconds,
    allow_never_expiring: rules.allowNeverExpiring,
    allow_full_scope: rules.allowFullScope,
    who_may_create: rules.whoMayCreate,
    approval_required: rules.approvalRequired,
    exempt_user_ids: [...rules.exemptUserIds],
    ...(rules.updatedAt !== 0 && { updated_at: toSeconds(rules.updatedAt) }),
  };
}
