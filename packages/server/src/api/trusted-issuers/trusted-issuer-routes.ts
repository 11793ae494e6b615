/** `/admin/v1/trusted-issuers`: platforms and identity providers whose JWTs may be traded for tokens. */
import type { Random } from '@tessera/tokens';
import type { Static } from '../../schema/type.ts';
import type { AuditEventType } from '../../domain/audit-event.ts';
import { DEFAULT_ORGANIZATION_ID } from '../../domain/organization.ts';
import type { TrustedIssuer } from '../../domain/trusted-issuer.ts';
import type { Clock } from '../../ports/clock.ts';
import type { TrustedIssuers } from '../../ports/trusted-issuers.ts';
import { requestContext } from '../../http/app.ts';
import { auditEvent } from '../../protocol/audit-event.ts';
import { type Api, caller } from '../api.ts';
import { IdParameter, newIdentifier } from '../identifier.ts';
import { changeTime, type OneAtATime, requireWritten } from '../one-at-a-time.ts';
import { operation } from '../operation.ts';
import { pageRequest, PagingQuery, toPage } from '../paging.ts';
import { Problem } from '../problem.ts';
import {
  NewTrustedIssuer,
  toTrustedIssuerWire,
  TrustedIssuerChanges,
  TrustedIssuerPage,
  TrustedIssuerSchema,
} from './trusted-issuer-wire.ts';
import { type TrustedIssuerJudges, validateTrustedIssuer } from './validate-trusted-issuer.ts';

export interface TrustedIssuerRouteDependencies extends TrustedIssuerJudges {
  readonly trustedIssuers: TrustedIssuers;
  readonly clock: Clock;
  readonly random: Random;
  readonly oneAtATime: OneAtATime;
}

const STANDARD_LIFETIME_SECONDS = 600;

export function registerTrustedIssuerRoutes(api: Api, dependencies: TrustedIssuerRouteDependencies): void {
  registerReading(api, dependencies);
  registerCreation(api, dependencies);
  registerChange(api, dependencies);
  registerDeletion(api, dependencies);
}

async function existing(trustedIssuers: TrustedIssuers, id: string): Promise<TrustedIssuer> {
  const trusted = await trustedIssuers.find(id);
  if (trusted === undefined) throw new Problem('not_found', 'No trusted issuer has this id');
  return trusted;
}

async function requireValid(trusted: TrustedIssuer, judges: TrustedIssuerJudges): Promise<void> {
  const problems = await validateTrustedIssuer(trusted, judges);
  if (problems.length === 0) return;
  const told = problems.slice(0, 3).map(({ pointer, detail }) => `${pointer} ${detail}`);
  throw new Problem('invalid_request', told.join('; '), problems.slice(0, 20));
}

function issuerEvent(type: AuditEventType, actor: string, { id, issuer }: TrustedIssuer) {
  return { type, outcome: 'success', actor, detail: { trusted_issuer: id, issuer } } as const;
}

/** The members that are given, under the names they have inside; null takes one away. */
function settings(before: TrustedIssuer, body: Static<typeof TrustedIssuerChanges>): TrustedIssuer {
  const { jwks, jwksUri, audiences, emailDomains, ...rest } = before;
  return {
    ...rest,
    ...kept('jwks', body.jwks, jwks),
    ...kept('jwksUri', body.jwks_uri, jwksUri),
    ...kept('audiences', body.audiences, audiences),
    ...kept('emailDomains', body.email_domains, emailDomains),
    ...(body.name !== undefined && { name: body.name }),
    ...(body.max_lifetime !== undefined && { maxLifetimeSeconds: body.max_lifetime }),
    ...(body.status !== undefined && { status: body.status }),
    ...(body.rules !== undefined && {
      rules: body.rules.map(({ client_id: clientId, ...rule }) => ({ ...rule, clientId })),
    }),
  };
}

function kept<Name extends keyof TrustedIssuer, Value>(
  name: Name,
  given: Value | null | undefined,
  before: Value | undefined,
): { readonly [Member in Name]?: Value } {
  const value = given === undefined ? before : (given ?? undefined);
  return (value === undefined ? {} : { [name]: value }) as { readonly [Member in Name]?: Value };
}

function registerReading(api: Api, { trustedIssuers }: TrustedIssuerRouteDependencies): void {
  const list = operation({
    operationId: 'listTrustedIssuers',
    summary: 'List trusted issuers',
    tag: 'trusted-issuers',
    answers: { 200: { description: 'A page of trusted issuers, newest first', schema: TrustedIssuerPage } },
    problems: ['invalid_cursor'],
  });
  api.get('/trusted-issuers', { schema: { ...list, querystring: PagingQuery } }, async (request) =>
    toPage(await trustedIssuers.list(pageRequest(request.query)), toTrustedIssuerWire),
  );

  const get = operation({
    operationId: 'getTrustedIssuer',
    summary: 'Show a trusted issuer',
    tag: 'trusted-issuers',
    answers: { 200: { description: 'The trusted issuer', schema: TrustedIssuerSchema } },
    problems: ['not_found'],
  });
  api.get('/trusted-issuers/:id', { schema: { ...get, params: IdParameter } }, async (request) =>
    toTrustedIssuerWire(await existing(trustedIssuers, request.params.id)),
  );
}

function registerCreation(api: Api, dependencies: TrustedIssuerRouteDependencies): void {
  const { trustedIssuers, clock, random, oneAtATime } = dependencies;
  const create = operation({
    operationId: 'createTrustedIssuer',
    summary: 'Trust an issuer',
    tag: 'trusted-issuers',
    answers: { 201: { description: 'The trusted issuer', schema: TrustedIssuerSchema } },
    problems: ['already_exists'],
  });
  api.post('/trusted-issuers', { schema: { ...create, body: NewTrustedIssuer } }, (request, reply) =>
    oneAtATime(async () => {
      const { issuer, kind, ...rest } = request.body;
      const context = requestContext(request, clock);
      const { at } = context;
      const trusted = settings(
        {
          id: newIdentifier('tri', random),
          organizationId: DEFAULT_ORGANIZATION_ID,
          name: rest.name,
          issuer,
          kind,
          status: 'active',
          maxLifetimeSeconds: STANDARD_LIFETIME_SECONDS,
          rules: [],
          createdAt: at,
          updatedAt: at,
        },
        rest,
      );
      await requireValid(trusted, dependencies);
      const event = issuerEvent('trusted_issuer.created', caller(request).id, trusted);
      await trustedIssuers.create(trusted, auditEvent(context, event, random));
      const location = `${request.url.split('?', 1)[0]}/${trusted.id}`;
      return reply.code(201).header('location', location).send(toTrustedIssuerWire(trusted));
    }),
  );
}

function registerChange(api: Api, dependencies: TrustedIssuerRouteDependencies): void {
  const { trustedIssuers, clock, random, oneAtATime } = dependencies;
  const update = operation({
    operationId: 'updateTrustedIssuer',
    summary: 'Change a trusted issuer',
    description: 'Members that are given replace what was; null takes one away. Tokens stay as they are.',
    tag: 'trusted-issuers',
    answers: { 200: { description: 'The trusted issuer as it is now', schema: TrustedIssuerSchema } },
    problems: ['not_found'],
  });
  const schema = { ...update, params: IdParameter, body: TrustedIssuerChanges };
  api.patch('/trusted-issuers/:id', { schema }, (request) =>
    oneAtATime(async () => {
      const before = await existing(trustedIssuers, request.params.id);
      const context = requestContext(request, clock);
      const after = { ...settings(before, request.body), updatedAt: changeTime(context.at, before) };
      await requireValid(after, dependencies);
      const event = issuerEvent('trusted_issuer.updated', caller(request).id, before);
      requireWritten(await trustedIssuers.update(after, auditEvent(context, event, random), before));
      return toTrustedIssuerWire(after);
    }),
  );
}

function registerDeletion(
  api: Api,
  { trustedIssuers, clock, random, oneAtATime }: TrustedIssuerRouteDependencies,
): void {
  const remove = operation({
    operationId: 'deleteTrustedIssuer',
    summary: 'Trust an issuer no more',
    description: 'The links to people that it made go with it; tokens stay until they end.',
    tag: 'trusted-issuers',
    answers: { 204: { description: 'Deleted', schema: null } },
    problems: ['not_found'],
  });
  api.delete('/trusted-issuers/:id', { schema: { ...remove, params: IdParameter } }, (request, reply) =>
    oneAtATime(async () => {
      const trusted = await existing(trustedIssuers, request.params.id);
      const event = issuerEvent('trusted_issuer.deleted', caller(request).id, trusted);
      await trustedIssuers.delete(trusted.id, auditEvent(requestContext(request, clock), event, random));
      return reply.code(204).send(null);
    }),
  );
}
