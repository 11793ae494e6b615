/** `/admin/v1/clients/{id}/secrets`: several may be good at once, so that rotating one leaves no gap. */
import type { Random } from '@tessera/tokens';
import { Type } from '../../schema/type.ts';
import { type Client, usesSecret } from '../../domain/client.ts';
import type { ClientSecretUses } from '../../ports/client-secret-uses.ts';
import type { Clients } from '../../ports/clients.ts';
import type { Clock } from '../../ports/clock.ts';
import { requestContext } from '../../http/app.ts';
import { auditEvent } from '../../protocol/audit-event.ts';
import { MAX_SECRETS, newClientSecret } from '../../protocol/client-secret.ts';
import { type Api, caller } from '../api.ts';
import { Identifier, IdParameter } from '../identifier.ts';
import { changeTime, type OneAtATime, requireWritten } from '../one-at-a-time.ts';
import { operation } from '../operation.ts';
import { Problem } from '../problem.ts';
import { requireRecentSignIn } from '../recent-sign-in.ts';
import { Seconds } from '../seconds.ts';
import { changeableClient, clientEvent, existingClient } from './client-routes.ts';
import { CreatedSecretSchema, SecretSchema, toSecretWire } from './client-wire.ts';

export interface SecretRouteDependencies {
  readonly clients: Pick<Clients, 'find' | 'update'>;
  readonly clientSecretUses: Pick<ClientSecretUses, 'lastUses'>;
  readonly clock: Clock;
  readonly random: Random;
  readonly oneAtATime: OneAtATime;
}

const NewSecretBody = Type.Object(
  { expires_at: Type.Optional(Seconds('When it ends; absent: never')) },
  { additionalProperties: false, title: 'NewClientSecret' },
);

const SecretParameters = Type.Object({ id: Identifier, secret_id: Identifier });

const SecretList = Type.Object({ items: Type.Array(SecretSchema) }, { title: 'ClientSecrets' });

export function registerSecretRoutes(api: Api, dependencies: SecretRouteDependencies): void {
  registerList(api, dependencies);
  registerCreation(api, dependencies);
  registerDeletion(api, dependencies);
}

function registerList(api: Api, { clients, clientSecretUses }: SecretRouteDependencies): void {
  const list = operation({
    operationId: 'listClientSecrets',
    summary: 'List the secrets of a client',
    tag: 'clients',
    asks: ['client.read'],
    answers: {
      200: { description: 'What can be told of them: never the secrets themselves', schema: SecretList },
    },
    problems: ['not_found'],
  });
  api.get('/clients/:id/secrets', { schema: { ...list, params: IdParameter } }, async (request) => {
    const client = await existingClient(request, clients, request.params.id);
    const lastUses = await clientSecretUses.lastUses(client.id);
    return { items: client.secrets.map((secret) => toSecretWire(secret, lastUses.get(secret.id))) };
  });
}

function registerCreation(api: Api, { clients, clock, random, oneAtATime }: SecretRouteDependencies): void {
  const create = operation({
    operationId: 'createClientSecret',
    summary: 'Add a secret to a client',
    description: 'The secrets it has stay good: add, deploy, then delete the old one.',
    tag: 'clients',
    asks: ['client.manage'],
    answers: { 201: { description: 'The secret, shown this once', schema: CreatedSecretSchema } },
    problems: ['invalid_client_metadata', 'not_found', 'built_in', 'recent_sign_in_required'],
  });
  const schema = { ...create, params: IdParameter, body: NewSecretBody };
  api.post('/clients/:id/secrets', { schema }, (request, reply) =>
    oneAtATime(async () => {
      const client = await changeableClient(request, clients, request.params.id);
      const context = requestContext(request, clock);
      const { at } = context;
      requireRecentSignIn(request, at);
      const expiresAt = request.body.expires_at === undefined ? undefined : request.body.expires_at * 1000;
      requireRoom(client, expiresAt, at);
      const secret = newClientSecret(at, expiresAt, random);
      const after: Client = {
        ...client,
        secrets: [...client.secrets, secret.kept],
        updatedAt: changeTime(at, client),
      };
      const event = {
        ...clientEvent('client.secret_created', caller(request).id, client.id),
        detail: { secret: secret.kept.id },
      };
      requireWritten(await clients.update(after, auditEvent(context, event, random), client));
      return reply.code(201).send({
        ...toSecretWire(secret.kept),
        client_secret: secret.value,
        client_secret_expires_at: request.body.expires_at ?? 0,
      });
    }),
  );
}

function requireRoom(client: Client, expiresAt: number | undefined, at: number): void {
  if (!usesSecret(client.tokenEndpointAuthMethod)) {
    throw new Problem(
      'invalid_client_metadata',
      'invalid_client_metadata: a client with this token_endpoint_auth_method has no secrets',
    );
  }
  if (client.secrets.length >= MAX_SECRETS) {
    throw new Problem('invalid_request', `A client may have ${MAX_SECRETS} secrets; delete one first`);
  }
  if (expiresAt !== undefined && expiresAt <= at) {
    const errors = [{ pointer: '/expires_at', detail: 'has passed' }];
    throw new Problem('invalid_request', '/expires_at has passed', errors);
  }
}

function registerDeletion(api: Api, { clients, clock, random, oneAtATime }: SecretRouteDependencies): void {
  const remove = operation({
    operationId: 'deleteClientSecret',
    summary: 'Delete a secret of a client',
    description: 'It is refused from now on.',
    tag: 'clients',
    asks: ['client.manage'],
    answers: { 204: { description: 'Deleted', schema: null } },
    problems: ['not_found', 'built_in'],
  });
  const schema = { ...remove, params: SecretParameters };
  api.delete('/clients/:id/secrets/:secret_id', { schema }, (request, reply) =>
    oneAtATime(async () => {
      const client = await changeableClient(request, clients, request.params.id);
      const secrets = client.secrets.filter((secret) => secret.id !== request.params.secret_id);
      if (secrets.length === client.secrets.length) {
        throw new Problem('not_found', 'The client has no secret with this id');
      }
      const context = requestContext(request, clock);
      const after = { ...client, secrets, updatedAt: changeTime(context.at, client) };
      const event = {
        ...clientEvent('client.secret_deleted', caller(request).id, client.id),
        detail: { secret: request.params.secret_id },
      };
      requireWritten(await clients.update(after, auditEvent(context, event, random), client));
      return reply.code(204).send(null);
    }),
  );
}
