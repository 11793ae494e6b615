/** `/admin/v1/refusals`: which requests were refused, and why. */
import type { Refusal } from '../../domain/refusal.ts';
import type { Refusals } from '../../ports/refusals.ts';
import { type Static, Type } from '../../schema/type.ts';
import type { Api } from '../api.ts';
import { ownedBy } from '../authority-of-caller.ts';
import { Identifier } from '../identifier.ts';
import { operation } from '../operation.ts';
import { ownedParameters, PageOf, pageRequest, toPage } from '../paging.ts';
import { Seconds, toSeconds } from '../seconds.ts';
import { readTokenId, writeTokenId } from '../tokens/token-id.ts';

export const RefusalSchema = Type.Object(
  {
    request_id: Type.String({ description: 'As the header `X-Request-Id` of the answer named it' }),
    at: Seconds('When it was refused'),
    method: Type.String(),
    path: Type.String(),
    status: Type.Integer({ description: 'The HTTP status; 303 where an app was told by redirect' }),
    error: Type.String(),
    description: Type.String({ description: 'What the client was told' }),
    detail: Type.Optional(Type.String({ description: 'What the client was not told' })),
    client_id: Type.Optional(
      Type.String({
        description:
          'The client that its token was issued to, or else the one that the request named: without a token nothing proves that it was that client',
      }),
    ),
    user_id: Type.Optional(Type.String({ description: 'The person of its token' })),
    token_id: Type.Optional(
      Type.String({ description: 'Its access token, where it was an opaque one of ours' }),
    ),
    address: Type.String(),
    redirect_uri: Type.Optional(
      Type.String({
        description:
          'The redirect URI that the app has not registered, without the values of its query. Anybody can send one in the name of an app',
      }),
    ),
  },
  { title: 'Refusal' },
);

const RefusalQuery = Type.Object(
  {
    ...ownedParameters,
    request_id: Type.Optional(Identifier),
    client_id: Type.Optional(Identifier),
    token_id: Type.Optional(Identifier),
  },
  { additionalProperties: false },
);

export function toRefusalWire(refusal: Refusal): Static<typeof RefusalSchema> {
  const { requestId, at, method, path, status, error, description } = refusal;
  const { detail, clientId, userId, tokenId, address, redirectUri } = refusal;
  return {
    request_id: requestId,
    at: toSeconds(at),
    method,
    path,
    status,
    error,
    description,
    ...(detail !== undefined && { detail }),
    ...(clientId !== undefined && { client_id: clientId }),
    ...(userId !== undefined && { user_id: userId }),
    ...(tokenId !== undefined && { token_id: writeTokenId(tokenId) }),
    address,
    ...(redirectUri !== undefined && { redirect_uri: redirectUri }),
  };
}

export function registerRefusalRoutes(
  api: Api,
  { refusals }: { readonly refusals: Pick<Refusals, 'list'> },
): void {
  const list = operation({
    operationId: 'listRefusals',
    summary: 'List refused requests',
    description:
      'Kept for a week, the newest 50 000; of one address 30 a minute, of one client 60, and 600 in all.',
    tag: 'refusals',
    asks: ['refusal.read'],
    answers: {
      200: { description: 'A page of refusals, newest first', schema: PageOf(RefusalSchema, 'Refusals') },
    },
    problems: ['invalid_cursor'],
  });
  api.get('/refusals', { schema: { ...list, querystring: RefusalQuery } }, async (request) => {
    const { request_id, client_id, token_id, organization_id } = request.query;
    const filter = {
      ...ownedBy(request, 'refusal.read', organization_id),
      ...(request_id !== undefined && { requestId: request_id }),
      ...(client_id !== undefined && { clientId: client_id }),
      ...(token_id !== undefined && { tokenId: readTokenId(token_id) }),
    };
    return toPage(await refusals.list(filter, pageRequest(request.query)), toRefusalWire);
  });
}
