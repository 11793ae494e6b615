/** `/admin/v1/grants`: what people allowed apps to do. Ending a grant ends every token that hangs from it. */
import type { Random } from '@tessera/tokens';
import { type Static, Type } from '../../schema/type.ts';
import type { Grant } from '../../domain/grant.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Grants } from '../../ports/grants.ts';
import { requestContext } from '../../http/app.ts';
import { auditEvent } from '../../protocol/audit-event.ts';
import { type Api, caller } from '../api.ts';
import { ownedBy, requireAction, seen } from '../authority-of-caller.ts';
import { Identifier, IdParameter } from '../identifier.ts';
import { operation } from '../operation.ts';
import { ownedParameters, PageOf, pageRequest, toPage } from '../paging.ts';
import { Seconds, toSeconds } from '../seconds.ts';

export interface GrantRouteDependencies {
  readonly grants: Pick<Grants, 'find' | 'end' | 'list'>;
  readonly clock: Clock;
  readonly random: Random;
}

const GrantSchema = Type.Object(
  {
    id: Type.String(),
    user_id: Type.String(),
    client_id: Type.String(),
    organization_id: Type.String(),
    resource_id: Type.Optional(Type.String({ description: 'Absent: the issuer and the default API' })),
    resource_ids: Type.Optional(
      Type.Array(Type.String(), {
        description: 'Every API, where there are several; resource_id is the first',
      }),
    ),
    authorization_details: Type.Optional(
      Type.Array(Type.Record(Type.String(), Type.Unknown()), {
        description: 'What was allowed in detail (RFC 9396)',
      }),
    ),
    scopes: Type.Array(Type.String()),
    created_at: Seconds('When it was given'),
    ended_at: Type.Optional(Seconds('When it ended')),
    end_reason: Type.Optional(Type.String()),
  },
  { title: 'Grant' },
);

const GrantQuery = Type.Object(
  { ...ownedParameters, client_id: Type.Optional(Identifier), user_id: Type.Optional(Identifier) },
  { additionalProperties: false },
);

function toGrantWire(grant: Grant): Static<typeof GrantSchema> {
  return {
    id: grant.id,
    user_id: grant.userId,
    client_id: grant.clientId,
    organization_id: grant.organizationId,
    ...(grant.resourceId !== undefined && { resource_id: grant.resourceId }),
    ...(grant.resourceIds !== undefined && { resource_ids: [...grant.resourceIds] }),
    ...(grant.authorizationDetails !== undefined && {
      authorization_details: grant.authorizationDetails.map((detail) => ({ ...detail })),
    }),
    scopes: [...grant.scopes],
    created_at: toSeconds(grant.createdAt),
    ...(grant.endedAt !== undefined && { ended_at: toSeconds(grant.endedAt) }),
    ...(grant.endReason !== undefined && { end_reason: grant.endReason }),
  };
}

export function registerGrantRoutes(api: Api, dependencies: GrantRouteDependencies): void {
  registerList(api, dependencies);
  registerEnd(api, dependencies);
}

function registerList(api: Api, { grants }: GrantRouteDependencies): void {
  const list = operation({
    operationId: 'listGrants',
    summary: 'List grants',
    tag: 'grants',
    asks: ['grant.read'],
    answers: {
      200: { description: 'A page of grants, newest first', schema: PageOf(GrantSchema, 'Grants') },
    },
    problems: ['invalid_cursor'],
  });
  api.get('/grants', { schema: { ...list, querystring: GrantQuery } }, async (request) => {
    const { client_id, user_id, organization_id } = request.query;
    const filter = {
      ...ownedBy(request, 'grant.read', organization_id),
      ...(client_id !== undefined && { clientId: client_id }),
      ...(user_id !== undefined && { userId: user_id }),
    };
    return toPage(await grants.list(filter, pageRequest(request.query)), toGrantWire);
  });
}

function registerEnd(api: Api, { grants, clock, random }: GrantRouteDependencies): void {
  const end = operation({
    operationId: 'endGrant',
    summary: 'End a grant',
    description: 'Its refresh and access tokens end with it.',
    tag: 'grants',
    asks: ['grant.manage'],
    answers: { 204: { description: 'Ended; it may have been before', schema: null } },
    problems: ['not_found'],
  });
  api.delete('/grants/:id', { schema: { ...end, params: IdParameter } }, async (request, reply) => {
    const found = await grants.find(request.params.id);
    const grant = seen(request, 'grant.read', found, 'No grant has this id');
    requireAction(request, 'grant.manage', grant);
    const context = requestContext(request, clock);
    const { at } = context;
    const event = {
      type: 'grant.ended',
      outcome: 'success',
      actor: caller(request).id,
      userId: grant.userId,
      clientId: grant.clientId,
      grantId: grant.id,
      reason: 'revoked_by_admin',
    } as const;
    await grants.end(grant.id, 'revoked_by_admin', at, auditEvent(context, event, random));
    return reply.code(204).send(null);
  });
}
