/** POST /account/v1/personal-access-tokens/{id}/regenerate: another token in its place, with the same scopes. */
import { Type } from '../../../schema/type.ts';
import { type PersonalAccessToken, personalTokenStatus } from '../../../domain/personal-access-token.ts';
import type { Resource } from '../../../domain/resource.ts';
import type { User } from '../../../domain/user.ts';
import type { PersonalTokenState } from '../../../ports/personal-access-tokens.ts';
import { requestContext } from '../../../http/app.ts';
import { auditEvent } from '../../../protocol/audit-event.ts';
import { newPersonalToken, type NewPersonalToken } from '../../../protocol/personal-tokens/new-token.ts';
import { type Api, caller } from '../../api.ts';
import { operation } from '../../operation.ts';
import { personalTokenEvent } from '../../personal-access-tokens/personal-token-event.ts';
import {
  PersonalTokenParameter,
  PersonalTokenSchema,
  toPersonalTokenWire,
} from '../../personal-access-tokens/personal-token-wire.ts';
import { Problem } from '../../problem.ts';
import { requireRecentSignIn } from '../../recent-sign-in.ts';
import { Seconds } from '../../seconds.ts';
import { CreatedPersonalTokenSchema } from './create-route.ts';
import { ownToken, type PersonalTokenDependencies, TAG, tooManyTokens } from './own-token.ts';
import { noticesOfNew } from './token-notices.ts';
import { allowed, endOf } from './token-request.ts';

const LONGEST_OVERLAP_SECONDS = 7 * 24 * 3600;

const Body = Type.Object(
  {
    expires_at: Type.Optional(
      Seconds('When the new one ends; unless given, it lives as long as the old one did'),
    ),
    overlap: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: LONGEST_OVERLAP_SECONDS,
        default: 0,
        description: 'For how many seconds the old one stays good, until its own end at most',
      }),
    ),
  },
  { additionalProperties: false, title: 'PersonalAccessTokenRegeneration' },
);

const RegeneratedSchema = Type.Object(
  {
    ...CreatedPersonalTokenSchema.properties,
    replaced: Type.Object(PersonalTokenSchema.properties, {
      title: 'ReplacedPersonalAccessToken',
      description: 'The old one, with its last use and its end',
    }),
  },
  { title: 'RegeneratedPersonalAccessToken' },
);

export function registerRegeneration(api: Api, dependencies: PersonalTokenDependencies): void {
  const { personalAccessTokens, clock, random } = dependencies;
  const regenerate = operation({
    operationId: 'regeneratePersonalAccessToken',
    summary: 'Put another token in the place of one',
    description: 'Once for each token, and never for a revoked one. The rules are asked anew.',
    tag: TAG,
    answers: { 201: { description: 'The new token, shown this once', schema: RegeneratedSchema } },
    problems: ['not_found', 'token_rules', 'already_ended', 'too_many', 'recent_sign_in_required'],
  });
  const schema = { ...regenerate, params: PersonalTokenParameter, body: Body };
  api.post('/personal-access-tokens/:id/regenerate', { schema }, async (request, reply) => {
    const context = requestContext(request, clock);
    const { at } = context;
    requireRecentSignIn(request, at);
    const owner = caller(request);
    const old = await ownToken(request.params.id, owner, dependencies);
    requireReplaceable(old.token, at);
    const { value, kept } = await successorOf(old, request.body.expires_at, owner, at, dependencies);
    const event = personalTokenEvent('personal_access_token.regenerated', owner.id, kept, {
      regenerated_from: old.token.id,
      overlap: request.body.overlap ?? 0,
    });
    const endsAt = at + (request.body.overlap ?? 0) * 1000;
    const replaced = { id: old.token.id, at, endsAt };
    const notices = await noticesOfNew(kept, owner, dependencies, old.token);
    const audit = auditEvent(context, event, random);
    const outcome = await personalAccessTokens.regenerate(kept, replaced, audit, notices);
    if (outcome === 'too_many') throw tooManyTokens();
    if (outcome === 'ended') {
      throw new Problem('already_ended', 'This token was revoked or regenerated meanwhile');
    }
    const wire = await toPersonalTokenWire({ token: kept, owner }, at, dependencies);
    const before = await ownToken(old.token.id, owner, dependencies);
    return reply.code(201).send({
      ...wire,
      personal_access_token: value,
      replaced: await toPersonalTokenWire(before, at, dependencies),
    });
  });
}

/** @throws Problem `already_ended` */
function requireReplaceable(token: PersonalAccessToken, at: number): void {
  if (personalTokenStatus(token, at) === 'revoked') {
    throw new Problem('already_ended', 'A revoked token stays revoked; make a new one');
  }
  if (token.regeneratedAt !== undefined) {
    throw new Problem('already_ended', 'Another token has taken its place already');
  }
}

async function successorOf(
  { token }: PersonalTokenState,
  askedEnd: number | undefined,
  owner: User,
  at: number,
  dependencies: PersonalTokenDependencies,
): Promise<NewPersonalToken> {
  const resource: Resource | undefined = await dependencies.resources.find(token.resourceId);
  if (resource === undefined) throw new Problem('already_ended', 'The API of this token is gone');
  const expiresAt =
    token.expiresAt === undefined && askedEnd === undefined
      ? undefined
      : endOf(
          askedEnd === undefined ? {} : { expires_at: askedEnd },
          at,
          (token.expiresAt ?? at) - token.createdAt,
        );
  const { description, organizationId, resourceId, name, scopes } = token;
  const details = {
    userId: owner.id,
    organizationId,
    resourceId,
    name,
    ...(description !== undefined && { description }),
    // What the API has no more is not asked for again.
    scopes: scopes.filter((scope) => resource.scopes.some((known) => known.name === scope)),
    createdAt: at,
    ...(expiresAt !== undefined && { expiresAt }),
    approval: 'none',
    regeneratedFrom: token.id,
  } as const;
  const longer = (expiresAt ?? Infinity) - at > (token.expiresAt ?? Infinity) - token.createdAt;
  const kept = token.approval === 'approved' && !longer;
  const decision = kept ? decisionOf(token) : {};
  const approval = await allowed(
    { ...details, ...decision, approval: kept ? 'approved' : 'none' },
    owner,
    resource,
    at,
    dependencies,
  );
  return newPersonalToken({ ...details, ...decision, ...approval }, dependencies.random);
}

/** What was approved was a script with these scopes, not a string of characters. */
function decisionOf({ approvalOrganizationId, decidedBy, decidedAt }: PersonalAccessToken) {
  return {
    ...(approvalOrganizationId !== undefined && { approvalOrganizationId }),
    ...(decidedBy !== undefined && { decidedBy }),
    ...(decidedAt !== undefined && { decidedAt }),
  };
}
