/** `GET /` and `POST /` of the demo: the page **Access token** and its buttons. */
import formbody from '@fastify/formbody';
import type { FastifyInstance, FastifyReply } from 'fastify';
import type { Clock } from '../../ports/clock.ts';
import { errorPage } from '../error-page.ts';
import { pageHeaders } from '../security-headers.ts';
import { accessTokenActions } from './actions.ts';
import type { AccessTokenActions } from './actions.ts';
import type { DemoData } from './demo-data.ts';
import { accessTokenPage } from './page.ts';
import { readCarried } from './page-state.ts';
import type { PageState } from './page-state.ts';

export interface AccessTokenPageOptions {
  readonly demo: DemoData;
  readonly fetch: typeof globalThis.fetch;
  /** The function as the player runs it; shown exactly so. */
  readonly getProfileSource: string;
  readonly clock?: Clock;
}

export function registerAccessTokenPage(app: FastifyInstance, options: AccessTokenPageOptions): void {
  const { demo, fetch, getProfileSource, clock = Date.now } = options;
  const actions = accessTokenActions(demo, fetch, clock);
  const { origin } = new URL(demo.issuer);
  const show = (reply: FastifyReply, state: PageState): FastifyReply =>
    reply
      .headers(pageHeaders({ script: true }))
      .send(accessTokenPage({ demo, getProfileSource, state, now: clock() }));

  // Loaded with everything else when the server gets ready; its form parser is for these two routes alone.
  void app.register(async (scope: FastifyInstance) => {
    scope.removeAllContentTypeParsers();
    await scope.register(formbody);
    scope.get('/', async (_request, reply) => show(reply, {}));
    scope.post<{ Body: Readonly<Record<string, unknown>> | undefined }>('/', async (request, reply) => {
      if (request.headers.origin !== origin) return refuseForeign(reply, demo.issuer, request.id);
      return show(reply, await act(request.body ?? {}, demo, actions));
    });
  });
}

/** Does what the button says; a button that does not exist does nothing. */
async function act(
  form: Readonly<Record<string, unknown>>,
  demo: DemoData,
  actions: AccessTokenActions,
): Promise<PageState> {
  const carried = readCarried(form);
  const { action } = form;
  if (action === 'get_token') {
    const { exchange, token } = await actions.getToken();
    return { ...carried, ...(token && { token }), last: { action, exchange } };
  }
  if (action === 'get_short_token') {
    const { exchange, token } = await actions.getToken(demo.resources.musicShort);
    return { ...carried, ...(token && { shortToken: token }), last: { action, exchange } };
  }
  if (action === 'call_api') {
    const typed = typeof form['token'] === 'string' ? form['token'].trim() : '';
    return { ...carried, typed, last: { action, exchange: await actions.callApi(typed, 'music') } };
  }
  if (action === 'call_short_api') {
    const exchange = await actions.callApi(carried.shortToken?.value ?? '', 'short');
    return { ...carried, last: { action, exchange } };
  }
  return await actWithToken(action, carried, actions);
}

/** The buttons that need a token: one is got first if there is none. */
async function actWithToken(
  action: unknown,
  carried: PageState,
  actions: AccessTokenActions,
): Promise<PageState> {
  if (action !== 'put_in_url' && action !== 'revoke') return carried;
  const got = carried.token ? { token: carried.token } : await actions.getToken();
  if (!got.token)
    return 'exchange' in got ? { ...carried, last: { action, exchange: got.exchange } } : carried;
  const { token } = got;
  if (action === 'put_in_url') {
    return { ...carried, token, last: { action, exchange: await actions.putInUrl(token.value) } };
  }
  const exchange = await actions.revoke(token.value);
  const revoked = exchange.answer?.status === 200;
  return { ...carried, token: { ...token, revoked: token.revoked || revoked }, last: { action, exchange } };
}

function refuseForeign(reply: FastifyReply, issuer: string, reference: string): FastifyReply {
  return reply
    .code(403)
    .headers(pageHeaders())
    .send(
      errorPage({
        status: 403,
        title: 'This form comes from somewhere else',
        explanation: 'Its buttons work only from the page itself, at the address this server goes by.',
        whatToDo: `Open ${issuer}/ and use them there.`,
        reference,
      }),
    );
}
