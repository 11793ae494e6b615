/**
 * `/admin/v1/initial-access-tokens`: tickets that let apps register themselves.
 *
 * @spec RFC 7591 §3, Appendix A.1.2
 */
import { createTokenString, hashTokenString, type Random } from '@tessera/tokens';
import { type Static, Type } from '../../schema/type.ts';
import type { InitialAccessToken } from '../../domain/initial-access-token.ts';
import { DEFAULT_ORGANIZATION_ID } from '../../domain/organization.ts';
import type { Clock } from '../../ports/clock.ts';
import type { InitialAccessTokens } from '../../ports/initial-access-tokens.ts';
import { requestContext } from '../../http/app.ts';
import { auditEvent } from '../../protocol/audit-event.ts';
import { type Api, caller } from '../api.ts';
import { IdParameter, newIdentifier } from '../identifier.ts';
import { operation } from '../operation.ts';
import { PageOf, pageRequest, PagingQuery, toPage } from '../paging.ts';
import { Problem } from '../problem.ts';
import { Seconds, toSeconds } from '../seconds.ts';

export interface InitialAccessTokenRouteDependencies {
  readonly initialAccessTokens: Omit<InitialAccessTokens, 'findByHash'>;
  readonly clock: Clock;
  readonly random: Random;
}

const STANDARD_LIFETIME_MS = 24 * 3600 * 1000;
const HINT_LENGTH = 4;

const NewToken = Type.Object(
  {
    name: Type.String({
      minLength: 1,
      maxLength: 200,
      pattern: '^[^\\x00-\\x1f\\x7f]*\\S[^\\x00-\\x1f\\x7f]*$',
      description: 'What it is for',
    }),
    max_uses: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 10_000,
        default: 1,
        description: 'So many apps may be registered with it',
      }),
    ),
    expires_at: Type.Optional(Seconds('When it ends; absent: a day from now')),
  },
  { additionalProperties: false, title: 'NewInitialAccessToken' },
);

const TokenSchema = Type.Object(
  {
    id: Type.String(),
    name: Type.String(),
    hint: Type.String({ description: 'The last four characters' }),
    organization_id: Type.String(),
    max_uses: Type.Integer(),
    uses: Type.Integer({ description: 'So many apps have been registered with it' }),
    created_at: Seconds('When it was made'),
    expires_at: Seconds('When it ends'),
  },
  { title: 'InitialAccessToken', description: 'What is told of a token after its creation' },
);

const CreatedTokenSchema = Type.Object(
  {
    ...TokenSchema.properties,
    initial_access_token: Type.String({ description: 'Shown this once; only its hash is kept' }),
  },
  { title: 'CreatedInitialAccessToken' },
);

const TokenPage = PageOf(TokenSchema, 'InitialAccessTokens');

export function registerInitialAccessTokenRoutes(
  api: Api,
  dependencies: InitialAccessTokenRouteDependencies,
): void {
  registerList(api, dependencies);
  registerCreation(api, dependencies);
  registerDeletion(api, dependencies);
}

function registerList(api: Api, { initialAccessTokens }: InitialAccessTokenRouteDependencies): void {
  const list = operation({
    operationId: 'listInitialAccessTokens',
    summary: 'List initial access tokens',
    tag: 'clients',
    answers: {
      200: { description: 'A page of them, newest first, never the tokens themselves', schema: TokenPage },
    },
    problems: ['invalid_cursor'],
  });
  api.get('/initial-access-tokens', { schema: { ...list, querystring: PagingQuery } }, async (request) =>
    toPage(await initialAccessTokens.list(pageRequest(request.query)), toWire),
  );
}

function registerCreation(
  api: Api,
  { initialAccessTokens, clock, random }: InitialAccessTokenRouteDependencies,
): void {
  const create = operation({
    operationId: 'createInitialAccessToken',
    summary: 'Make an initial access token',
    description: 'Whoever has it may register apps at `/api/register`.',
    tag: 'clients',
    answers: { 201: { description: 'The token, shown this once', schema: CreatedTokenSchema } },
  });
  api.post('/initial-access-tokens', { schema: { ...create, body: NewToken } }, async (request, reply) => {
    const context = requestContext(request, clock);
    const { name, max_uses: maxUses = 1, expires_at: expiresAtSeconds } = request.body;
    const expiresAt =
      expiresAtSeconds === undefined ? context.at + STANDARD_LIFETIME_MS : expiresAtSeconds * 1000;
    if (expiresAt <= context.at) {
      const errors = [{ pointer: '/expires_at', detail: 'has passed' }];
      throw new Problem('invalid_request', '/expires_at has passed', errors);
    }
    const value = createTokenString('ia', random);
    const token: InitialAccessToken = {
      id: newIdentifier('iat', random),
      hash: hashTokenString(value),
      hint: value.slice(-HINT_LENGTH),
      name: name.trim(),
      organizationId: DEFAULT_ORGANIZATION_ID,
      maxUses,
      uses: 0,
      createdAt: context.at,
      expiresAt,
    };
    const event = tokenEvent('initial_access_token.created', caller(request).id, token.id);
    await initialAccessTokens.create(token, auditEvent(context, event, random));
    return reply.code(201).send({ ...toWire(token), initial_access_token: value });
  });
}

function registerDeletion(
  api: Api,
  { initialAccessTokens, clock, random }: InitialAccessTokenRouteDependencies,
): void {
  const remove = operation({
    operationId: 'deleteInitialAccessToken',
    summary: 'Delete an initial access token',
    description: 'Nothing more is registered with it; what was stays.',
    tag: 'clients',
    answers: { 204: { description: 'Deleted', schema: null } },
    problems: ['not_found'],
  });
  const schema = { ...remove, params: IdParameter };
  api.delete('/initial-access-tokens/:id', { schema }, async (request, reply) => {
    const context = requestContext(request, clock);
    const { id } = request.params;
    const event = tokenEvent('initial_access_token.deleted', caller(request).id, id);
    if (!(await initialAccessTokens.delete(id, auditEvent(context, event, random)))) {
      throw new Problem('not_found', 'No initial access token has this id');
    }
    return reply.code(204).send(null);
  });
}

function tokenEvent(
  type: 'initial_access_token.created' | 'initial_access_token.deleted',
  actor: string,
  id: string,
) {
  return { type, outcome: 'success', actor, detail: { initial_access_token: id } } as const;
}

function toWire(token: InitialAccessToken): Static<typeof TokenSchema> {
  return {
    id: token.id,
    name: token.name,
    hint: token.hint,
    organization_id: token.organizationId,
    max_uses: token.maxUses,
    uses: token.uses,
    created_at: toSeconds(token.createdAt),
    expires_at: toSeconds(token.expiresAt),
  };
}
