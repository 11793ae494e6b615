/** `/admin/v1/clients/{id}/client-token`: the public token by which an app names itself to APIs. */
import type { Random, SealingKey } from '@tessera/tokens';
import { type Static, Type } from '../../schema/type.ts';
import type { Client } from '../../domain/client.ts';
import type { ClientToken } from '../../domain/client-token.ts';
import type { ClientTokens } from '../../ports/client-tokens.ts';
import type { Clients } from '../../ports/clients.ts';
import type { Clock } from '../../ports/clock.ts';
import { requestContext } from '../../http/app.ts';
import { auditEvent } from '../../protocol/audit-event.ts';
import { newClientToken, openClientToken } from '../../protocol/client-tokens/new-client-token.ts';
import { isHeldToFapi2 } from '../../protocol/security-profile.ts';
import { type Api, caller } from '../api.ts';
import { IdParameter } from '../identifier.ts';
import type { OneAtATime } from '../one-at-a-time.ts';
import { operation } from '../operation.ts';
import { Problem } from '../problem.ts';
import { Seconds, toSeconds } from '../seconds.ts';
import { changeableClient, clientEvent, existingClient } from './client-routes.ts';

export interface ClientTokenRouteDependencies {
  readonly clients: Pick<Clients, 'find'>;
  readonly clientTokens: Pick<ClientTokens, 'ofClient' | 'replace' | 'end'>;
  /** 32 bytes. */
  readonly sealingKey: SealingKey;
  readonly clock: Clock;
  readonly random: Random;
  readonly oneAtATime: OneAtATime;
}

const LONGEST_OVERLAP_SECONDS = 30 * 24 * 3600;

const PreviousToken = Type.Object({
  hint: Type.String({ description: 'The last four characters' }),
  ends_at: Seconds('When it is refused'),
  last_used_at: Type.Optional(Seconds('When it was last used, up to a minute late; absent: never')),
});

const ClientTokenSchema = Type.Object(
  {
    client_token: Type.String({
      description: 'Names the app, proves nothing, and may be shipped in it: it is no secret',
    }),
    hint: Type.String({ description: 'The last four characters' }),
    created_at: Seconds('When it was made'),
    last_used_at: Type.Optional(Seconds('When it was last used, up to a minute late; absent: never')),
    previous: Type.Optional(PreviousToken),
  },
  { title: 'ClientToken' },
);

const ResetBody = Type.Object(
  {
    overlap: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: LONGEST_OVERLAP_SECONDS,
        description: 'For how many seconds the old one stays good; 0, or absent: it ends now',
      }),
    ),
  },
  { additionalProperties: false, title: 'ClientTokenReset' },
);

export function registerClientTokenRoutes(api: Api, dependencies: ClientTokenRouteDependencies): void {
  registerReading(api, dependencies);
  registerReset(api, dependencies);
  registerRemoval(api, dependencies);
}

function registerReading(api: Api, dependencies: ClientTokenRouteDependencies): void {
  const { clients, clientTokens, clock } = dependencies;
  const get = operation({
    operationId: 'getClientToken',
    summary: 'Show the client token of a client',
    description: 'It is public, so it can be shown again. There is none until one is made.',
    tag: 'clients',
    asks: ['client.read'],
    answers: { 200: { description: 'The client token', schema: ClientTokenSchema } },
    problems: ['not_found'],
  });
  api.get('/clients/:id/client-token', { schema: { ...get, params: IdParameter } }, async (request) => {
    const { id } = await existingClient(request, clients, request.params.id);
    const [current, previous] = await clientTokens.ofClient(id, clock());
    if (current?.endsAt !== undefined || current === undefined) throw hasNone();
    return toWire(openedOrProblem(current, dependencies), current, previous);
  });
}

function registerReset(api: Api, dependencies: ClientTokenRouteDependencies): void {
  const { clients, clientTokens, clock, random, sealingKey, oneAtATime } = dependencies;
  const reset = operation({
    operationId: 'resetClientToken',
    summary: 'Make a client token, or reset it',
    description:
      'The one there was is refused from now on, or, with `overlap`, when so many seconds are over. Only APIs with `client_token_scopes` take client tokens.',
    tag: 'clients',
    asks: ['client.manage'],
    answers: { 201: { description: 'The client token', schema: ClientTokenSchema } },
    problems: ['not_found', 'built_in', 'invalid_client_metadata'],
  });
  const schema = { ...reset, params: IdParameter, body: ResetBody };
  api.post('/clients/:id/client-token', { schema }, (request, reply) =>
    oneAtATime(async () => {
      const client = await changeableClient(request, clients, request.params.id);
      requireMayHaveOne(client);
      const context = requestContext(request, clock);
      const { at } = context;
      const { overlap = 0 } = request.body;
      const [before] = await clientTokens.ofClient(client.id, at);
      const token = newClientToken(client.id, at, sealingKey, random);
      // Whole seconds, so that an answer about it can say when it ends.
      const previousEndsAt = overlap === 0 ? at : (Math.floor(at / 1000) + overlap) * 1000;
      const event = {
        ...clientEvent(
          before === undefined ? 'client_token.created' : 'client_token.reset',
          caller(request).id,
          client.id,
        ),
        detail: { overlap },
      };
      const audit = auditEvent(context, event, random);
      if (!(await clientTokens.replace(token.kept, previousEndsAt, audit))) {
        throw new Problem('not_found', 'No client has this id');
      }
      const [, previous] = await clientTokens.ofClient(client.id, at);
      return reply.code(201).send(toWire(token.value, token.kept, previous));
    }),
  );
}

function registerRemoval(api: Api, dependencies: ClientTokenRouteDependencies): void {
  const { clients, clientTokens, clock, random, oneAtATime } = dependencies;
  const remove = operation({
    operationId: 'removeClientToken',
    summary: 'Take the client token from a client',
    description: 'It is refused from now on, and the client has none.',
    tag: 'clients',
    asks: ['client.manage'],
    answers: { 204: { description: 'Removed', schema: null } },
    problems: ['not_found', 'built_in'],
  });
  const schema = { ...remove, params: IdParameter };
  api.delete('/clients/:id/client-token', { schema }, (request, reply) =>
    oneAtATime(async () => {
      const { id } = await changeableClient(request, clients, request.params.id);
      const event = clientEvent('client_token.removed', caller(request).id, id);
      const audit = auditEvent(requestContext(request, clock), event, random);
      if (!(await clientTokens.end(id, audit))) throw hasNone();
      return reply.code(204).send(null);
    }),
  );
}

/** Under a security profile nothing is good that is not bound to a key; and a document cannot be given anything. */
function requireMayHaveOne(client: Client): void {
  const why = isHeldToFapi2(client)
    ? 'under a security profile, which allows no token that anybody may hold'
    : client.registeredBy === 'metadata_document'
      ? 'known only by its document'
      : undefined;
  if (why === undefined) return;
  throw new Problem('invalid_client_metadata', `invalid_client_metadata: the client is ${why}`);
}

function hasNone(): Problem {
  return new Problem('not_found', 'The client has no client token; POST here makes one');
}

function openedOrProblem(token: ClientToken, { sealingKey }: ClientTokenRouteDependencies): string {
  const opened = openClientToken(token, sealingKey);
  if (opened !== undefined) return opened;
  throw new Problem('not_found', 'The client token was kept under another master key; reset it');
}

function toWire(
  value: string,
  token: ClientToken,
  previous: ClientToken | undefined,
): Static<typeof ClientTokenSchema> {
  return {
    client_token: value,
    hint: token.hint,
    created_at: toSeconds(token.createdAt),
    ...lastUse(token),
    ...(previous?.endsAt !== undefined && {
      previous: { hint: previous.hint, ends_at: toSeconds(previous.endsAt), ...lastUse(previous) },
    }),
  };
}

function lastUse({ lastUsedAt }: ClientToken): { last_used_at?: number } {
  return lastUsedAt === undefined ? {} : { last_used_at: toSeconds(lastUsedAt) };
}
