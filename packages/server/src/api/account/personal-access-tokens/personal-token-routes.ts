/**
 * `/account/v1/personal-access-tokens`: tokens that a person makes for their own scripts. Whose they are says the token
 * that calls, and nothing in the request.
 */
import { type Api, caller } from '../../api.ts';
import { operation } from '../../operation.ts';
import { personalTokenPage } from '../../personal-access-tokens/personal-token-page.ts';
import {
  PersonalTokenPage,
  PersonalTokenParameter,
  PersonalTokenQuery,
  PersonalTokenSchema,
  toPersonalTokenWire,
} from '../../personal-access-tokens/personal-token-wire.ts';
import { registerChange } from './change-route.ts';
import { registerCreation } from './create-route.ts';
import { registerOptions } from './options-route.ts';
import { ownToken, type PersonalTokenDependencies, TAG } from './own-token.ts';
import { registerRegeneration } from './regenerate-route.ts';
import { registerRevocation } from './revoke-route.ts';

export function registerPersonalTokenRoutes(api: Api, dependencies: PersonalTokenDependencies): void {
  registerList(api, dependencies);
  registerOptions(api, dependencies);
  registerCreation(api, dependencies);
  registerGet(api, dependencies);
  registerChange(api, dependencies);
  registerRegeneration(api, dependencies);
  registerRevocation(api, dependencies);
}

function registerList(api: Api, dependencies: PersonalTokenDependencies): void {
  const list = operation({
    operationId: 'listPersonalAccessTokens',
    summary: 'List your personal access tokens',
    description: 'Never the tokens themselves. Those that have ended stay for a year.',
    tag: TAG,
    answers: { 200: { description: 'A page of them, newest first', schema: PersonalTokenPage } },
    problems: ['invalid_cursor'],
  });
  const schema = { ...list, querystring: PersonalTokenQuery };
  api.get('/personal-access-tokens', { schema }, (request) =>
    personalTokenPage({ userId: caller(request).id }, request.query, dependencies),
  );
}

function registerGet(api: Api, dependencies: PersonalTokenDependencies): void {
  const get = operation({
    operationId: 'getPersonalAccessToken',
    summary: 'Show one of your personal access tokens',
    tag: TAG,
    answers: { 200: { description: 'What is kept of it', schema: PersonalTokenSchema } },
    problems: ['not_found'],
  });
  const schema = { ...get, params: PersonalTokenParameter };
  api.get('/personal-access-tokens/:id', { schema }, async (request) =>
    toPersonalTokenWire(
      await ownToken(request.params.id, caller(request), dependencies),
      dependencies.clock(),
      dependencies,
    ),
  );
}
