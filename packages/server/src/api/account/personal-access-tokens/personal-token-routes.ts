/**
 * `/account/v1/personal-access-tokens`: tokens that a person makes for their own scripts. Whose they are says the token
 * that calls, and nothing in the request.
 */
import type { Random } from '@tessera/tokens';
import { Type } from '../../../schema/type.ts';
import type { Clock } from '../../../ports/clock.ts';
import type { PersonalAccessTokens, PersonalTokenState } from '../../../ports/personal-access-tokens.ts';
import type { Resources } from '../../../ports/resources.ts';
import type { OrganizationTokenRules } from '../../../ports/token-rules.ts';
import type { LastUses } from '../../../protocol/last-uses.ts';
import { type Api, caller } from '../../api.ts';
import { operation } from '../../operation.ts';
import { pageRequest } from '../../paging.ts';
import {
  personalTokenParameters,
  PersonalTokenPage,
  PersonalTokenParameter,
  PersonalTokenSchema,
  toPersonalTokenWire,
} from '../../personal-access-tokens/personal-token-wire.ts';
import { Problem } from '../../problem.ts';
import type { OneAtATime } from '../../one-at-a-time.ts';
import { registerChange } from './change-route.ts';
import { registerCreation } from './create-route.ts';
import { registerOptions } from './options-route.ts';
import { registerRegeneration } from './regenerate-route.ts';
import { registerRevocation } from './revoke-route.ts';
import type { ApprovalDependencies } from './token-request.ts';

export interface PersonalTokenDependencies extends ApprovalDependencies {
  readonly personalAccessTokens: PersonalAccessTokens;
  readonly resources: Pick<Resources, 'find' | 'findByIdentifier' | 'findDefault' | 'list'>;
  readonly tokenRules: Pick<OrganizationTokenRules, 'of'>;
  readonly lastUses: Pick<LastUses, 'latest'>;
  readonly clock: Clock;
  readonly random: Random;
  readonly oneAtATime: OneAtATime;
}

export const TAG = 'personal-access-tokens';

const Query = Type.Object(personalTokenParameters, { additionalProperties: false });

export function registerPersonalTokenRoutes(api: Api, dependencies: PersonalTokenDependencies): void {
  registerList(api, dependencies);
  registerOptions(api, dependencies);
  registerCreation(api, dependencies);
  registerGet(api, dependencies);
  registerChange(api, dependencies);
  registerRegeneration(api, dependencies);
  registerRevocation(api, dependencies);
}

/** A person's own token. @throws Problem `not_found`, the same for everybody else's */
export async function ownToken(
  id: string,
  owner: { readonly id: string },
  { personalAccessTokens }: Pick<PersonalTokenDependencies, 'personalAccessTokens'>,
): Promise<PersonalTokenState> {
  const state = await personalAccessTokens.find(id);
  if (state?.token.userId === owner.id) return state;
  throw new Problem('not_found', 'No personal access token has this id');
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
  api.get('/personal-access-tokens', { schema: { ...list, querystring: Query } }, async (request) => {
    const { status, resource } = request.query;
    const now = dependencies.clock();
    const api = resource === undefined ? undefined : await dependencies.resources.findByIdentifier(resource);
    const { items, nextCursor } = await dependencies.personalAccessTokens.list(
      {
        userId: caller(request).id,
        ...(resource !== undefined && { resourceId: api?.id ?? 'none' }),
        ...(status !== undefined && { status: { is: status, at: now } }),
      },
      pageRequest(request.query),
    );
    return {
      items: await Promise.all(items.map((item) => toPersonalTokenWire(item, now, dependencies))),
      ...(nextCursor !== undefined && { next_cursor: nextCursor }),
    };
  });
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
