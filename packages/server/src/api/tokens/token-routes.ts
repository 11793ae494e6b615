/** `/admin/v1/tokens`: what was issued, and taking it back. */
import type { Random } from '@tessera/tokens';
import type { FastifyRequest } from 'fastify';
import { Type } from '../../schema/type.ts';
import type { AccessTokens, AccessTokenState } from '../../ports/access-tokens.ts';
import type { Clients } from '../../ports/clients.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Resources } from '../../ports/resources.ts';
import { requestContext } from '../../http/app.ts';
import { auditEvent } from '../../protocol/audit-event.ts';
import type { CatTokens } from '../../protocol/cat-tokens.ts';
import { type Api, caller } from '../api.ts';
import { ownedBy } from '../authority-of-caller.ts';
import { Identifier } from '../identifier.ts';
import { operation } from '../operation.ts';
import { ownedParameters, pageRequest } from '../paging.ts';
import { Problem } from '../problem.ts';
import { idOfToken, TokenText } from './pasted-token.ts';
import { readTokenId } from './token-id.ts';
import { mayWithToken } from './token-sight.ts';
import {
  type LastUseDependencies,
  lastUseOf,
  resourceIdentifiers,
  TokenPage,
  TokenSchema,
  toTokenWire,
  type TokenWire,
} from './token-wire.ts';

export interface TokenRouteDependencies extends LastUseDependencies {
  readonly catTokens: Pick<CatTokens, 'jtiOf'>;
  readonly accessTokens: Pick<AccessTokens, 'find' | 'list' | 'revoke'>;
  readonly clients: Pick<Clients, 'find'>;
  readonly resources: Pick<Resources, 'find'>;
  readonly clock: Clock;
  readonly random: Random;
}

const TokenQuery = Type.Object(
  {
    ...ownedParameters,
    client_id: Type.Optional(Identifier),
    user_id: Type.Optional(Identifier),
    live: Type.Optional(Type.Boolean({ description: 'true: only those that are good now' })),
  },
  { additionalProperties: false },
);

const PastedToken = Type.Object({ token: TokenText }, { additionalProperties: false, title: 'PastedToken' });

export function registerTokenRoutes(api: Api, dependencies: TokenRouteDependencies): void {
  registerList(api, dependencies);
  registerGet(api, dependencies);
  registerRevocation(api, dependencies);
  registerRevocationOfPasted(api, dependencies);
}

function registerList(api: Api, { accessTokens, resources, clock }: TokenRouteDependencies): void {
  const list = operation({
    operationId: 'listTokens',
    summary: 'List issued access tokens',
    description: 'Expired ones are kept for a day.',
    tag: 'tokens',
    asks: ['token.read'],
    answers: { 200: { description: 'A page of tokens, newest first', schema: TokenPage } },
    problems: ['invalid_cursor'],
  });
  api.get('/tokens', { schema: { ...list, querystring: TokenQuery } }, async (request) => {
    const { client_id, user_id, live, organization_id } = request.query;
    const now = clock();
    const filter = {
      ...ownedBy(request, 'token.read', organization_id),
      ...(client_id !== undefined && { clientId: client_id }),
      ...(user_id !== undefined && { userId: user_id }),
      ...(live === true && { liveAt: now }),
    };
    const { items, nextCursor } = await accessTokens.list(filter, pageRequest(request.query));
    const identifiers = await resourceIdentifiers(items, resources);
    return {
      items: items.map((state) => toTokenWire(state, identifiers.get(state.row.resourceId ?? ''), now)),
      ...(nextCursor !== undefined && { next_cursor: nextCursor }),
    };
  });
}

function registerGet(api: Api, dependencies: TokenRouteDependencies): void {
  const { accessTokens, clients, resources, clock } = dependencies;
  const get = operation({
    operationId: 'getToken',
    summary: 'Show an issued access token',
    tag: 'tokens',
    asks: ['token.read'],
    answers: { 200: { description: 'What is kept of it', schema: TokenSchema } },
    problems: ['not_found'],
  });
  const schema = { ...get, params: Type.Object({ token_id: Identifier }) };
  api.get('/tokens/:token_id', { schema }, async (request) => {
    const state = await accessTokens.find(readTokenId(request.params.token_id));
    if (state === undefined || !(await mayWithToken(request, 'token.read', state, clients))) throw notKnown();
    const identifiers = await resourceIdentifiers([state], resources);
    const lastUse = await lastUseOf(state, dependencies);
    return toTokenWire(state, identifiers.get(state.row.resourceId ?? ''), clock(), lastUse);
  });
}

function notKnown(): Problem {
  return new Problem('not_found', 'This token is not known: never issued here, long expired, or not yours');
}

const revocationAnswer = {
  200: { description: 'The token as it is now; it may have ended before', schema: TokenSchema },
};

function registerRevocation(api: Api, dependencies: TokenRouteDependencies): void {
  const revoke = operation({
    operationId: 'revokeToken',
    summary: 'Revoke a token by its id',
    tag: 'tokens',
    asks: ['token.manage'],
    answers: revocationAnswer,
    problems: ['not_found'],
  });
  const schema = { ...revoke, params: Type.Object({ token_id: Identifier }) };
  api.post('/tokens/:token_id/revoke', { schema }, (request) =>
    revokeById(readTokenId(request.params.token_id), request, dependencies),
  );
}

function registerRevocationOfPasted(api: Api, dependencies: TokenRouteDependencies): void {
  const revoke = operation({
    operationId: 'revokePastedToken',
    summary: 'Revoke a token that you hold',
    description:
      'For a token that was found somewhere: an opaque access token, or one that is a JWT, a CWT or a CAT.',
    tag: 'tokens',
    asks: ['token.manage'],
    answers: revocationAnswer,
    problems: ['not_found'],
  });
  api.post('/tokens/revoke', { schema: { ...revoke, body: PastedToken } }, async (request) =>
    revokeById(await idOfPasted(request.body.token.trim(), dependencies.catTokens), request, dependencies),
  );
}

/** @throws Problem `invalid_request` for what is no access token */
async function idOfPasted(token: string, catTokens: Pick<CatTokens, 'jtiOf'>): Promise<Uint8Array> {
  const id = await idOfToken(token, catTokens);
  if (id !== undefined) return id;
  const detail =
    'must be an access token: an opaque one (tsr_at_…), a JWT with a jti, a CWT with a cti or a CAT of ours';
  throw new Problem('invalid_request', `/token ${detail}`, [{ pointer: '/token', detail }]);
}

async function revokeById(
  id: Uint8Array,
  request: FastifyRequest,
  { accessTokens, clients, resources, clock, random }: TokenRouteDependencies,
): Promise<TokenWire> {
  const before = await accessTokens.find(id);
  if (before === undefined || !(await mayWithToken(request, 'token.manage', before, clients)))
    throw notKnown();
  const context = requestContext(request, clock);
  const { at } = context;
  const event = eventOf(before, caller(request).id);
  await accessTokens.revoke(id, at, auditEvent(context, event, random));
  const after = (await accessTokens.find(id)) ?? { ...before, endedAt: at };
  const identifiers = await resourceIdentifiers([after], resources);
  return toTokenWire(after, identifiers.get(after.row.resourceId ?? ''), at);
}

function eventOf({ row }: AccessTokenState, actor: string) {
  return {
    type: 'token.revoked',
    outcome: 'success',
    actor,
    reason: 'revoked_by_admin',
    clientId: row.clientId,
    ...(row.actor !== undefined && { act: row.actor }),
    ...(row.userId !== undefined && { userId: row.userId }),
    ...(row.grantId !== undefined && { grantId: row.grantId }),
    ...(row.resourceId !== undefined && { resourceId: row.resourceId }),
  } as const;
}
