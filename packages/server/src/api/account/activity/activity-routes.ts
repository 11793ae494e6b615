/** `/account/v1/activity`: what happened to your own account, newest first. */
import type { AuditEvent } from '../../../domain/audit-event.ts';
import type { Audit } from '../../../ports/audit.ts';
import { type Static, Type } from '../../../schema/type.ts';
import { type Api, caller } from '../../api.ts';
import { operation } from '../../operation.ts';
import { PageOf, pageRequest, pagingParameters, toPage } from '../../paging.ts';
import { Seconds, toSeconds } from '../../seconds.ts';

const ActivitySchema = Type.Object(
  {
    id: Type.String(),
    at: Seconds('When it happened'),
    type: Type.String({ description: 'Such as sign_in or consent.granted' }),
    outcome: Type.Enum(['success', 'failure']),
    reason: Type.Optional(Type.String()),
    by: Type.Enum(['you', 'app', 'somebody'], {
      description: '`somebody`: an administrator, or whoever tried to sign in',
    }),
    client_id: Type.Optional(Type.String({ description: 'The app that it is about' })),
    address: Type.Optional(Type.String({ description: 'Where it came from; not of an administrator' })),
  },
  { title: 'Activity' },
);

const ActivityQuery = Type.Object(pagingParameters, { additionalProperties: false });

export function registerActivity(api: Api, { audit }: { readonly audit: Pick<Audit, 'list'> }): void {
  const list = operation({
    operationId: 'listActivity',
    summary: 'List what happened to your account',
    tag: 'activity',
    answers: { 200: { description: 'A page of events', schema: PageOf(ActivitySchema, 'Activities') } },
    problems: ['invalid_cursor'],
  });
  api.get('/activity', { schema: { ...list, querystring: ActivityQuery } }, async (request) => {
    const { id } = caller(request);
    return toPage(await audit.list({ userId: id }, pageRequest(request.query)), (event) =>
      toActivity(event, id),
    );
  });
}

function toActivity(event: AuditEvent, userId: string): Static<typeof ActivitySchema> {
  const { actor, address, outcome, reason, clientId } = event;
  // Whoever failed to sign in may have been anybody.
  const isYou = actor === userId && !(event.type === 'sign_in' && outcome === 'failure');
  const by = isYou ? 'you' : actor === clientId ? 'app' : 'somebody';
  const isOfAdministrator = actor !== userId && actor.startsWith('usr_');
  return {
    id: event.id,
    at: toSeconds(event.at),
    type: event.type,
    outcome,
    ...(reason !== undefined && { reason }),
    by,
    ...(clientId !== undefined && { client_id: clientId }),
    ...(address !== undefined && !isOfAdministrator && { address }),
  };
}
