/** `/admin/v1/personal-access-tokens`: tokens of the members of an organization, and what waits for its approval. */
import { Type } from '../../schema/type.ts';
import type { Api } from '../api.ts';
import { ownedBy } from '../authority-of-caller.ts';
import { Identifier } from '../identifier.ts';
import { operation } from '../operation.ts';
import { registerDecisions } from './decision-routes.ts';
import { type PersonalTokenAdministration, seenToken, TAG } from './known-token.ts';
import { personalTokenPage } from './personal-token-page.ts';
import {
  personalTokenParameters,
  PersonalTokenPage,
  PersonalTokenParameter,
  PersonalTokenSchema,
  toPersonalTokenWire,
} from './personal-token-wire.ts';
import { registerRevocations } from './revocation-routes.ts';

const Query = Type.Object(
  {
    ...personalTokenParameters,
    user_id: Type.Optional(Identifier),
    organization_id: Type.Optional({
      ...Identifier,
      description: 'Those made in it, and those that wait or waited for its approval',
    }),
  },
  { additionalProperties: false },
);

export function registerPersonalTokenAdministration(
  api: Api,
  dependencies: PersonalTokenAdministration,
): void {
  registerList(api, dependencies);
  registerGet(api, dependencies);
  registerRevocations(api, dependencies);
  registerDecisions(api, dependencies);
}

function registerList(api: Api, dependencies: PersonalTokenAdministration): void {
  const list = operation({
    operationId: 'listPersonalAccessTokens',
    summary: 'List personal access tokens',
    description: 'Never the tokens themselves. Those that have ended stay for a year.',
    tag: TAG,
    asks: ['personal_access_token.read'],
    answers: { 200: { description: 'A page of them, newest first', schema: PersonalTokenPage } },
    problems: ['invalid_cursor'],
  });
  api.get('/personal-access-tokens', { schema: { ...list, querystring: Query } }, (request) => {
    const { user_id: userId, organization_id: organizationId, ...query } = request.query;
    const whose = {
      ...(userId !== undefined && { userId }),
      ...ownedBy(request, 'personal_access_token.read', organizationId),
    };
    return personalTokenPage(whose, query, dependencies);
  });
}

function registerGet(api: Api, dependencies: PersonalTokenAdministration): void {
  const get = operation({
    operationId: 'getPersonalAccessToken',
    summary: 'Show a personal access token',
    tag: TAG,
    asks: ['personal_access_token.read'],
    answers: { 200: { description: 'What is kept of it', schema: PersonalTokenSchema } },
    problems: ['not_found'],
  });
  const schema = { ...get, params: PersonalTokenParameter };
  api.get('/personal-access-tokens/:id', { schema }, async (request) =>
    toPersonalTokenWire(
      await seenToken(request.params.id, request, dependencies),
      dependencies.clock(),
      dependencies,
    ),
  );
}
