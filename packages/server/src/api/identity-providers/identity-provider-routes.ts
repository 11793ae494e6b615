/** `/admin/v1/identity-providers`: other OpenID providers by which people may sign in here. */
import type { Random } from '@tessera/tokens';
import type { Static } from '../../schema/type.ts';
import type { AuditEventType } from '../../domain/audit-event.ts';
import { isPublicClient } from '../../domain/client.ts';
import type { IdentityProvider } from '../../domain/identity-provider.ts';
import type { Clients } from '../../ports/clients.ts';
import type { Clock } from '../../ports/clock.ts';
import type { IdentityProviders } from '../../ports/identity-providers.ts';
import { requestContext } from '../../http/app.ts';
import { auditEvent } from '../../protocol/audit-event.ts';
import type { UpstreamSeals } from '../../protocol/upstream/sealed-provider.ts';
import { type Api, caller } from '../api.ts';
import { IdParameter, newIdentifier } from '../identifier.ts';
import { changeTime, type OneAtATime, requireWritten } from '../one-at-a-time.ts';
import { operation } from '../operation.ts';
import { Problem, type ProblemPointer } from '../problem.ts';
import {
  IdentityProviderChanges,
  IdentityProviderList,
  IdentityProviderSchema,
  NewIdentityProvider,
  toIdentityProviderWire,
} from './identity-provider-wire.ts';

export interface IdentityProviderRouteDependencies {
  readonly issuer: string;
  readonly identityProviders: IdentityProviders;
  readonly upstreamSeals: Pick<UpstreamSeals, 'sealSecret'>;
  readonly clients: Pick<Clients, 'find'>;
  readonly clock: Clock;
  readonly random: Random;
  readonly oneAtATime: OneAtATime;
}

const STANDARD_SCOPES: readonly string[] = ['openid', 'profile', 'email'];

export function registerIdentityProviderRoutes(
  api: Api,
  dependencies: IdentityProviderRouteDependencies,
): void {
  registerReading(api, dependencies);
  registerCreation(api, dependencies);
  registerChange(api, dependencies);
  registerDeletion(api, dependencies);
}

async function existing(providers: IdentityProviders, id: string): Promise<IdentityProvider> {
  const provider = await providers.find(id);
  if (provider === undefined) throw new Problem('not_found', 'No identity provider has this id');
  return provider;
}

async function requireValid(
  provider: IdentityProvider,
  { issuer, clients }: IdentityProviderRouteDependencies,
): Promise<void> {
  const problems = [...issuerProblems(provider.issuer, issuer), ...(await clientProblems(provider, clients))];
  if (problems.length === 0) return;
  throw new Problem(
    'invalid_request',
    problems.map(({ pointer, detail }) => `${pointer} ${detail}`).join('; '),
    problems,
  );
}

function issuerProblems(issuer: string, own: string): ProblemPointer[] {
  const pointer = '/issuer';
  const url = /^[\x21-\x7e]+$/.test(issuer) ? URL.parse(issuer) : null;
  if (url === null || !/^https?:$/.test(url.protocol)) return [{ pointer, detail: 'must be a URL' }];
  if (/[?#]/.test(issuer) || url.username !== '' || url.password !== '') {
    return [{ pointer, detail: 'must have no query, fragment or user information' }];
  }
  return issuer === own ? [{ pointer, detail: 'is this server itself' }] : [];
}

async function clientProblems(
  { tokenClients }: IdentityProvider,
  clients: Pick<Clients, 'find'>,
): Promise<ProblemPointer[]> {
  const found = await Promise.all(tokenClients.map((id) => clients.find(id)));
  return found.flatMap((client, index) => {
    const pointer = `/token_clients/${index}`;
    if (client === undefined) return [{ pointer, detail: 'no client has this id' }];
    return isPublicClient(client) ? [{ pointer, detail: 'is a public client' }] : [];
  });
}

function providerEvent(type: AuditEventType, actor: string, { id, issuer }: IdentityProvider) {
  return { type, outcome: 'success', actor, detail: { provider: id, issuer } } as const;
}

/** The members that are given, under the names they have inside; null takes one away. */
function changed(
  before: IdentityProvider,
  body: Static<typeof IdentityProviderChanges>,
  seals: Pick<UpstreamSeals, 'sealSecret'>,
): IdentityProvider {
  const { sealedSecret, tokenScope, ...rest } = before;
  const secret =
    typeof body.client_secret === 'string' ? seals.sealSecret(before.id, body.client_secret) : undefined;
  const keptSecret = body.client_secret === undefined ? sealedSecret : secret;
  const keptScope = body.token_scope === undefined ? tokenScope : (body.token_scope ?? undefined);
  return {
    ...rest,
    ...(keptSecret !== undefined && { sealedSecret: keptSecret }),
    ...(keptScope !== undefined && { tokenScope: keptScope }),
    ...(body.name !== undefined && { name: body.name.trim() }),
    ...(body.client_id !== undefined && { clientId: body.client_id }),
    ...(body.scopes !== undefined && { scopes: [...new Set(['openid', ...body.scopes])] }),
    ...(body.create_accounts !== undefined && { createAccounts: body.create_accounts }),
    ...(body.keep_tokens !== undefined && { keepTokens: body.keep_tokens }),
    ...(body.token_clients !== undefined && { tokenClients: [...new Set(body.token_clients)] }),
    ...(body.status !== undefined && { status: body.status }),
  };
}

function registerReading(api: Api, { identityProviders, issuer }: IdentityProviderRouteDependencies): void {
  const list = operation({
    operationId: 'listIdentityProviders',
    summary: 'List identity providers',
    tag: 'identity-providers',
    answers: {
      200: { description: 'All of them, in the order of the buttons', schema: IdentityProviderList },
    },
  });
  api.get('/identity-providers', { schema: list }, async () => {
    const all = await identityProviders.list();
    return { items: all.map((provider) => toIdentityProviderWire(provider, issuer)) };
  });
  const get = operation({
    operationId: 'getIdentityProvider',
    summary: 'Show an identity provider',
    tag: 'identity-providers',
    answers: { 200: { description: 'The identity provider', schema: IdentityProviderSchema } },
    problems: ['not_found'],
  });
  api.get('/identity-providers/:id', { schema: { ...get, params: IdParameter } }, async (request) =>
    toIdentityProviderWire(await existing(identityProviders, request.params.id), issuer),
  );
}

function registerCreation(api: Api, dependencies: IdentityProviderRouteDependencies): void {
  const { issuer: own, identityProviders, upstreamSeals, clock, random, oneAtATime } = dependencies;
  const create = operation({
    operationId: 'createIdentityProvider',
    summary: 'Let people sign in by a provider',
    tag: 'identity-providers',
    answers: { 201: { description: 'The identity provider', schema: IdentityProviderSchema } },
    problems: ['already_exists'],
  });
  api.post('/identity-providers', { schema: { ...create, body: NewIdentityProvider } }, (request, reply) =>
    oneAtATime(async () => {
      const { issuer, ...rest } = request.body;
      const context = requestContext(request, clock);
      const provider = changed(
        {
          id: newIdentifier('idp', random),
          name: rest.name,
          issuer,
          clientId: rest.client_id,
          scopes: STANDARD_SCOPES,
          status: 'active',
          createAccounts: false,
          keepTokens: false,
          tokenClients: [],
          createdAt: context.at,
          updatedAt: context.at,
        },
        rest,
        upstreamSeals,
      );
      await requireValid(provider, dependencies);
      const event = providerEvent('identity_provider.created', caller(request).id, provider);
      await identityProviders.create(provider, auditEvent(context, event, random));
      const location = `${request.url.split('?', 1)[0]}/${provider.id}`;
      return reply.code(201).header('location', location).send(toIdentityProviderWire(provider, own));
    }),
  );
}

function registerChange(api: Api, dependencies: IdentityProviderRouteDependencies): void {
  const { issuer, identityProviders, upstreamSeals, clock, random, oneAtATime } = dependencies;
  const update = operation({
    operationId: 'updateIdentityProvider',
    summary: 'Change an identity provider',
    description: 'Members that are given replace what was; null takes one away.',
    tag: 'identity-providers',
    answers: { 200: { description: 'The identity provider as it is now', schema: IdentityProviderSchema } },
    problems: ['not_found'],
  });
  const schema = { ...update, params: IdParameter, body: IdentityProviderChanges };
  api.patch('/identity-providers/:id', { schema }, (request) =>
    oneAtATime(async () => {
      const before = await existing(identityProviders, request.params.id);
      const context = requestContext(request, clock);
      const updatedAt = changeTime(context.at, before);
      const after = { ...changed(before, request.body, upstreamSeals), updatedAt };
      await requireValid(after, dependencies);
      const event = {
        ...providerEvent('identity_provider.updated', caller(request).id, before),
        detail: { provider: before.id, changed: Object.keys(request.body).toSorted().join(' ') },
      };
      requireWritten(await identityProviders.update(after, auditEvent(context, event, random), before));
      return toIdentityProviderWire(after, issuer);
    }),
  );
}

function registerDeletion(api: Api, dependencies: IdentityProviderRouteDependencies): void {
  const { identityProviders, clock, random, oneAtATime } = dependencies;
  const remove = operation({
    operationId: 'deleteIdentityProvider',
    summary: 'Delete an identity provider',
    description:
      'Nobody signs in by it any more; links to accounts, and the tokens kept with them, are gone.',
    tag: 'identity-providers',
    answers: { 204: { description: 'Deleted', schema: null } },
    problems: ['not_found'],
  });
  api.delete('/identity-providers/:id', { schema: { ...remove, params: IdParameter } }, (request, reply) =>
    oneAtATime(async () => {
      const provider = await existing(identityProviders, request.params.id);
      const event = providerEvent('identity_provider.deleted', caller(request).id, provider);
      await identityProviders.delete(provider.id, auditEvent(requestContext(request, clock), event, random));
      return reply.code(204).send(null);
    }),
  );
}
