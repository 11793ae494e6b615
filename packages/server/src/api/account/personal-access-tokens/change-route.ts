/** PATCH /account/v1/personal-access-tokens/{id}: name and description; end and scopes within the rules. */
import { type Static, Type } from '../../../schema/type.ts';
import { type PersonalAccessToken, personalTokenStatus } from '../../../domain/personal-access-token.ts';
import type { User } from '../../../domain/user.ts';
import { requestContext } from '../../../http/app.ts';
import { auditEvent } from '../../../protocol/audit-event.ts';
import { type Api, caller } from '../../api.ts';
import { changeTime, requireWritten } from '../../one-at-a-time.ts';
import { operation } from '../../operation.ts';
import { personalTokenEvent } from '../../personal-access-tokens/personal-token-event.ts';
import {
  PersonalTokenParameter,
  PersonalTokenSchema,
  toPersonalTokenWire,
} from '../../personal-access-tokens/personal-token-wire.ts';
import { Problem } from '../../problem.ts';
import { ownToken, type PersonalTokenDependencies, TAG } from './own-token.ts';
import { noticesOfWaiting } from './token-notices.ts';
import { allowed, endOf, ends, scopesOf, TokenDescription, TokenName, TokenScopes } from './token-request.ts';

const Changes = Type.Object(
  {
    name: Type.Optional(TokenName),
    description: Type.Optional(TokenDescription),
    scopes: Type.Optional(TokenScopes),
    ...ends,
  },
  { additionalProperties: false, title: 'PersonalAccessTokenChanges' },
);

export function registerChange(api: Api, dependencies: PersonalTokenDependencies): void {
  const { personalAccessTokens, clock, random, oneAtATime } = dependencies;
  const change = operation({
    operationId: 'updatePersonalAccessToken',
    summary: 'Change one of your personal access tokens',
    description:
      'More scopes, or a later end, may have to be approved anew; while it waits for approval it gets no more. It never lives longer from its making than the rules allow; to go on after that, regenerate it.',
    tag: TAG,
    answers: { 200: { description: 'As it is now', schema: PersonalTokenSchema } },
    problems: ['not_found', 'token_rules', 'already_ended'],
  });
  const schema = { ...change, params: PersonalTokenParameter, body: Changes };
  api.patch('/personal-access-tokens/:id', { schema }, (request) =>
    oneAtATime(async () => {
      const context = requestContext(request, clock);
      const owner = caller(request);
      const state = await ownToken(request.params.id, owner, dependencies);
      const { token: before } = state;
      const status = personalTokenStatus(before, context.at);
      if (status === 'revoked' || status === 'expired') {
        throw new Problem('already_ended', `This token is ${status}; it stays as it was`);
      }
      const at = changeTime(context.at, before);
      const token = await changed(before, request.body, owner, at, dependencies);
      const event = personalTokenEvent('personal_access_token.updated', owner.id, token, {
        changed: Object.keys(request.body).toSorted().join(' '),
      });
      const notices =
        before.approval === 'pending' ? [] : await noticesOfWaiting(token, owner, at, dependencies);
      const audit = auditEvent(context, event, random);
      requireWritten(await personalAccessTokens.update(token, audit, before, notices));
      return toPersonalTokenWire({ ...state, token }, context.at, dependencies);
    }),
  );
}

async function changed(
  before: PersonalAccessToken,
  changes: Static<typeof Changes>,
  owner: User,
  at: number,
  dependencies: PersonalTokenDependencies,
): Promise<PersonalAccessToken> {
  const { name, description, scopes } = changes;
  const { description: oldDescription, expiresAt: oldEnd, approvalOrganizationId, ...rest } = before;
  const newDescription = description === undefined ? oldDescription : description.trim();
  const renamed = {
    ...rest,
    ...(name !== undefined && { name: name.trim() }),
    ...(newDescription !== undefined && newDescription !== '' && { description: newDescription }),
    ...(oldEnd !== undefined && { expiresAt: oldEnd }),
    ...(approvalOrganizationId !== undefined && { approvalOrganizationId }),
    updatedAt: at,
  };
  const movesEnd = changes.expires_at !== undefined || changes.never_expires !== undefined;
  if (scopes === undefined && !movesEnd) return renamed;
  const resource = await dependencies.resources.find(before.resourceId);
  if (resource === undefined) throw new Problem('already_ended', 'The API of this token is gone');
  const end = movesEnd ? endOf(changes, at) : oldEnd;
  const { expiresAt: _, ...endless } = renamed;
  const asked = {
    ...endless,
    ...(end !== undefined && { expiresAt: end }),
    scopes: scopes === undefined ? before.scopes : scopesOf(scopes, resource),
  };
  const further = reachesFurther(asked, before);
  // Whoever decides has read what it asks for, and must not approve more.
  if (further && before.approval === 'pending') {
    throw new Problem('token_rules', 'While it waits for approval it gets no more; make another one');
  }
  const approval = await allowed(
    { ...asked, approval: further ? 'none' : before.approval },
    owner,
    resource,
    at,
    dependencies,
  );
  return { ...asked, ...approval };
}

/** An approval was for what the token could do, and for how long. */
function reachesFurther(token: PersonalAccessToken, before: PersonalAccessToken): boolean {
  const never = Number.POSITIVE_INFINITY;
  return (
    token.scopes.some((name) => !before.scopes.includes(name)) ||
    (token.expiresAt ?? never) > (before.expiresAt ?? never)
  );
}
