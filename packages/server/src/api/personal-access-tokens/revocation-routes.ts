/** POST /admin/v1/personal-access-tokens/{id}/revoke, and the same for many at once. */
import type { FastifyRequest } from 'fastify';
import { Type } from '../../schema/type.ts';
import type { PersonalTokenState } from '../../ports/personal-access-tokens.ts';
import { requestContext } from '../../http/app.ts';
import { auditEvent } from '../../protocol/audit-event.ts';
import { type Api, caller } from '../api.ts';
import { Identifier } from '../identifier.ts';
import { operation } from '../operation.ts';
import { personalTokenEvent } from './personal-token-event.ts';
import { type PersonalTokenAdministration, requireManagement, seenToken, TAG } from './known-token.ts';
import { PersonalTokenParameter, PersonalTokenSchema, toPersonalTokenWire } from './personal-token-wire.ts';

const MOST_AT_ONCE = 200;

const Many = Type.Object(
  { ids: Type.Array(Identifier, { minItems: 1, maxItems: MOST_AT_ONCE, uniqueItems: true }) },
  { additionalProperties: false, title: 'PersonalAccessTokenIds' },
);
const Revoked = Type.Object(
  { items: Type.Array(PersonalTokenSchema) },
  { title: 'RevokedPersonalAccessTokens' },
);

export function registerRevocations(api: Api, dependencies: PersonalTokenAdministration): void {
  const { clock } = dependencies;
  const one = operation({
    operationId: 'revokePersonalAccessToken',
    summary: 'Revoke a personal access token',
    tag: TAG,
    asks: ['personal_access_token.manage'],
    answers: {
      200: { description: 'The token as it is now; it may have ended before', schema: PersonalTokenSchema },
    },
    problems: ['not_found', 'forbidden'],
  });
  const ofOne = { ...one, params: PersonalTokenParameter };
  api.post('/personal-access-tokens/:id/revoke', { schema: ofOne }, async (request) => {
    const state = await seenToken(request.params.id, request, dependencies);
    requireManagement(request, state);
    return toPersonalTokenWire(await revoked(state, request, dependencies), clock(), dependencies);
  });
  const many = operation({
    operationId: 'revokePersonalAccessTokens',
    summary: 'Revoke many personal access tokens',
    description: 'None is revoked unless all of them exist.',
    tag: TAG,
    asks: ['personal_access_token.manage'],
    answers: { 200: { description: 'The tokens as they are now', schema: Revoked } },
    problems: ['not_found', 'forbidden'],
  });
  api.post('/personal-access-tokens/revoke', { schema: { ...many, body: Many } }, async (request) => {
    const states = await Promise.all(request.body.ids.map((id) => seenToken(id, request, dependencies)));
    for (const state of states) requireManagement(request, state);
    const after = await Promise.all(states.map((state) => revoked(state, request, dependencies)));
    return {
      items: await Promise.all(after.map((state) => toPersonalTokenWire(state, clock(), dependencies))),
    };
  });
}

async function revoked(
  { token }: PersonalTokenState,
  request: FastifyRequest,
  dependencies: PersonalTokenAdministration,
): Promise<PersonalTokenState> {
  const { personalAccessTokens, clock, random } = dependencies;
  const context = requestContext(request, clock);
  const event = {
    ...personalTokenEvent('personal_access_token.revoked', caller(request).id, token),
    reason: 'revoked_by_admin',
  } as const;
  await personalAccessTokens.revoke(
    token.id,
    context.at,
    'revoked_by_admin',
    auditEvent(context, event, random),
  );
  return seenToken(token.id, request, dependencies);
}
