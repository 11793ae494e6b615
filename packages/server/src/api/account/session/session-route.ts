/** `/account/v1/session`: the session the console calls with; who it is, since when, and what signs it out. */
import type { Browser } from '../../../http/browser.ts';
import { RECENT_SIGN_IN_MS } from '../../../people/session.ts';
import { Type } from '../../../schema/type.ts';
import { type Api, caller } from '../../api.ts';
import { operation } from '../../operation.ts';
import { Problem } from '../../problem.ts';
import { Seconds, toSeconds } from '../../seconds.ts';
import { Role } from '../../users/user-wire.ts';

export interface SessionRouteDependencies {
  readonly browser: Pick<Browser, 'ensureId' | 'formToken'>;
}

const ConsoleSession = Type.Object(
  {
    person: Type.Object({
      id: Type.String(),
      email: Type.String(),
      display_name: Type.String(),
      role: Role,
      organization_id: Type.String({ description: 'The personal organization' }),
    }),
    signed_in_at: Seconds('When the person last proved who they are'),
    recent_until: Seconds('Until then dangerous acts ask for no other sign-in'),
    ends_at: Seconds('When it ends'),
    sign_out_token: Type.String({ description: '`form_token` of a form that is posted to `/logout`' }),
  },
  { title: 'ConsoleSession' },
);

export function registerSessionRoute(api: Api, { browser }: SessionRouteDependencies): void {
  const get = operation({
    operationId: 'getConsoleSession',
    summary: 'Show the session of this browser',
    tag: 'session',
    answers: { 200: { description: 'The session', schema: ConsoleSession } },
    problems: ['not_found'],
  });
  api.get('/session', { schema: get }, async (request, reply) => {
    const session = request.tesseraSession;
    if (session === null) throw new Problem('not_found', 'You call with a token, not with a session');
    const person = caller(request);
    return {
      person: {
        id: person.id,
        email: person.email,
        display_name: person.displayName,
        role: person.role,
        organization_id: person.organizationId,
      },
      signed_in_at: toSeconds(session.authTime),
      recent_until: toSeconds(session.authTime + RECENT_SIGN_IN_MS),
      ends_at: toSeconds(session.expiresAt),
      sign_out_token: browser.formToken(browser.ensureId(request, reply), session.id),
    };
  });
}
