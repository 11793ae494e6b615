/** POST /account/v1/personal-access-tokens: the token is in this answer and nowhere else. */
import { type Static, Type } from '../../../schema/type.ts';
import type { User } from '../../../domain/user.ts';
import { requestContext } from '../../../http/app.ts';
import { auditEvent } from '../../../protocol/audit-event.ts';
import { newPersonalToken, type NewPersonalToken } from '../../../protocol/personal-tokens/new-token.ts';
import { type Api, caller } from '../../api.ts';
import { Identifier } from '../../identifier.ts';
import { operation } from '../../operation.ts';
import { personalTokenEvent } from '../../personal-access-tokens/personal-token-event.ts';
import {
  PersonalTokenSchema,
  toPersonalTokenWire,
} from '../../personal-access-tokens/personal-token-wire.ts';
import { requireRecentSignIn } from '../../recent-sign-in.ts';
import { type PersonalTokenDependencies, TAG, tooManyTokens } from './own-token.ts';
import { noticesOfNew } from './token-notices.ts';
import {
  allowed,
  apiOf,
  endOf,
  ends,
  organizationOf,
  scopesOf,
  TokenDescription,
  TokenName,
  TokenScopes,
  usualLife,
} from './token-request.ts';

const NewToken = Type.Object(
  {
    name: TokenName,
    description: Type.Optional(TokenDescription),
    resource: Type.Optional(
      Type.String({
        maxLength: 2048,
        description: 'The identifier of its one API; the default API unless given',
      }),
    ),
    organization_id: Type.Optional({
      ...Identifier,
      description:
        'Yours, or one that you are a member of; unless given, the one that owns the API, or yours',
    }),
    scopes: TokenScopes,
    ...ends,
  },
  { additionalProperties: false, title: 'NewPersonalAccessToken' },
);

export const CreatedPersonalTokenSchema = Type.Object(
  {
    ...PersonalTokenSchema.properties,
    personal_access_token: Type.String({ description: 'Shown this once; only its hash is kept' }),
  },
  { title: 'CreatedPersonalAccessToken' },
);

export function registerCreation(api: Api, dependencies: PersonalTokenDependencies): void {
  const { personalAccessTokens, clock, random } = dependencies;
  const create = operation({
    operationId: 'createPersonalAccessToken',
    summary: 'Make a personal access token',
    description: 'Where an organization asks for approval it is `pending`, and good for nothing until then.',
    tag: TAG,
    answers: { 201: { description: 'The token, shown this once', schema: CreatedPersonalTokenSchema } },
    problems: ['token_rules', 'too_many', 'recent_sign_in_required'],
  });
  api.post('/personal-access-tokens', { schema: { ...create, body: NewToken } }, async (request, reply) => {
    const context = requestContext(request, clock);
    requireRecentSignIn(request, context.at);
    const owner = caller(request);
    const { value, kept } = await tokenFor(owner, request.body, context.at, dependencies);
    const event = personalTokenEvent('personal_access_token.created', owner.id, kept, {
      approval: kept.approval,
    });
    const notices = await noticesOfNew(kept, owner, dependencies);
    if (!(await personalAccessTokens.create(kept, auditEvent(context, event, random), notices))) {
      throw tooManyTokens();
    }
    const wire = await toPersonalTokenWire({ token: kept, owner }, context.at, dependencies);
    return reply.code(201).send({ ...wire, personal_access_token: value });
  });
}

async function tokenFor(
  owner: User,
  asked: Static<typeof NewToken>,
  at: number,
  dependencies: PersonalTokenDependencies,
): Promise<NewPersonalToken> {
  const resource = await apiOf(asked.resource, dependencies.resources);
  const organizationId = await organizationOf(asked.organization_id, owner, resource, dependencies);
  const expiresAt = endOf(
    asked,
    at,
    await usualLife([organizationId, resource.organizationId], dependencies),
  );
  const description = asked.description?.trim();
  const details = {
    userId: owner.id,
    organizationId,
    resourceId: resource.id,
    name: asked.name.trim(),
    ...(description !== undefined && description !== '' && { description }),
    scopes: scopesOf(asked.scopes, resource),
    createdAt: at,
    ...(expiresAt !== undefined && { expiresAt }),
    approval: 'none',
  } as const;
  const approval = await allowed(details, owner, resource, at, dependencies);
  return newPersonalToken({ ...details, ...approval }, dependencies.random);
}
