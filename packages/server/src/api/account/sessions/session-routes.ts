/** `/account/v1/sessions`: the browsers you are signed in with, and how to sign them out. */
import { type Static, Type } from '../../../schema/type.ts';
import type { Session } from '../../../domain/session.ts';
import { requestContext } from '../../../http/app.ts';
import { endSession } from '../../../people/session.ts';
import { type Api, caller } from '../../api.ts';
import { IdParameter } from '../../identifier.ts';
import { operation } from '../../operation.ts';
import { Problem } from '../../problem.ts';
import { Seconds, toSeconds } from '../../seconds.ts';
import type { OwnAccountDependencies } from '../own-account.ts';

const SessionSchema = Type.Object(
  {
    id: Type.String({ description: 'The `sid` of its ID tokens' }),
    current: Type.Boolean({ description: 'Whether this very request comes from it' }),
    signed_in_at: Seconds('When you last proved who you are in it'),
    last_seen_at: Seconds('When it was last used, to the minute'),
    ends_at: Seconds('When it ends by itself, unless it is used before'),
    latest_end_at: Seconds('When it ends, however much it is used'),
    methods: Type.Array(Type.String(), { description: 'How you signed in (RFC 8176)' }),
    user_agent: Type.Optional(Type.String({ description: 'What the browser calls itself' })),
    address: Type.Optional(Type.String({ description: 'Where the sign-in came from' })),
  },
  { title: 'Session' },
);
const Sessions = Type.Object({ items: Type.Array(SessionSchema) }, { title: 'Sessions' });
const Ended = Type.Object({ ended: Type.Integer({ description: 'How many' }) }, { title: 'EndedSessions' });

export function registerSessions(api: Api, dependencies: OwnAccountDependencies): void {
  const { sessions, clock } = dependencies;
  const list = operation({
    operationId: 'listSessions',
    summary: 'List your sessions',
    tag: 'sessions',
    answers: {
      200: { description: 'Those that are live, newest first, at most a hundred', schema: Sessions },
    },
  });
  api.get('/sessions', { schema: list }, async (request) => {
    const live = await sessions.listOf(caller(request).id, clock());
    return { items: live.map((session) => toWire(session, request.tesseraSession)) };
  });

  const endOne = operation({
    operationId: 'endSession',
    summary: 'Sign one session out',
    description: 'Also ends what apps were given for as long as you are signed in there, and tells them.',
    tag: 'sessions',
    answers: { 204: { description: 'Signed out', schema: null } },
    problems: ['not_found'],
  });
  api.delete('/sessions/:id', { schema: { ...endOne, params: IdParameter } }, async (request, reply) => {
    const { at, address, requestId } = requestContext(request, clock);
    const live = await sessions.listOf(caller(request).id, at);
    const session = live.find(({ sid }) => sid === request.params.id);
    const ended =
      session !== undefined && (await endSession({ session, at, address, requestId }, dependencies));
    if (!ended) throw new Problem('not_found', 'None of your live sessions has this id');
    return reply.code(204).send(null);
  });

  const endOthers = operation({
    operationId: 'endOtherSessions',
    summary: 'Sign all other sessions out',
    description: 'All but the one that this request comes from; with a token, all of them.',
    tag: 'sessions',
    answers: { 200: { description: 'How many there were', schema: Ended } },
  });
  api.delete('/sessions', { schema: endOthers }, async (request) => {
    const { at, address, requestId } = requestContext(request, clock);
    let ended = 0;
    for (;;) {
      // oxlint-disable-next-line no-await-in-loop -- a hundred at a time
      const live = await sessions.listOf(caller(request).id, at);
      const others = live.filter(({ id }) => id !== request.tesseraSession?.id);
      if (others.length === 0) return { ended };
      // oxlint-disable-next-line no-await-in-loop -- a hundred at a time
      await Promise.all(
        others.map((session) => endSession({ session, at, address, requestId }, dependencies)),
      );
      ended += others.length;
    }
  });
}

function toWire(session: Session, current: Session | null): Static<typeof SessionSchema> {
  return {
    id: session.sid,
    current: session.id === current?.id,
    signed_in_at: toSeconds(session.authTime),
    last_seen_at: toSeconds(session.lastSeenAt ?? session.createdAt),
    ends_at: toSeconds(Math.min(session.expiresAt, session.idleEndsAt ?? Infinity)),
    latest_end_at: toSeconds(session.expiresAt),
    methods: [...session.amr],
    ...(session.userAgent !== undefined && { user_agent: session.userAgent }),
    ...(session.address !== undefined && { address: session.address }),
  };
}
