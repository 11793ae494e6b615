// Each step of an app, as one call.
import { DEVICE_CODE_GRANT } from '../../../packages/server/src/domain/client.ts';
import type { NoScriptBrowser } from '../../../test/no-script-browser.ts';
import {
  type Answer,
  type Called,
  encode,
  postForm,
  refresh,
  requestToken,
  revoke,
} from '../../../test/oauth-calls.ts';
import { push } from '../../../test/pushed-requests.ts';
import { OPAQUE, type RegisteredClient } from '../../../test/registrations.ts';
import type { Chain, Step } from './chain.ts';

export const SCOPE = { scope: 'catalog-read', resource: OPAQUE };

export interface StepParts {
  readonly server: Called;
  readonly device: RegisteredClient;
  /** Of a person who is signed in, and has allowed each app. */
  readonly browser: NoScriptBrowser;
}

/** What came back: 200 is success, whatever the success of that step looks like. */
export interface Stepped {
  readonly status: number;
  readonly text: string;
  readonly error: string;
  readonly gives: Readonly<Record<string, string>>;
}

type Take = (parts: StepParts, chain: Chain, presented: string) => Promise<Stepped>;

/** @throws TypeError where the connection is gone */
export const STEPS: Readonly<Record<Step, Take>> = {
  async push({ server, device }, chain) {
    const { answer, pkce } = await push(server, appOf(chain, server, device), SCOPE);
    const status = answer.status === 201 ? 200 : answer.status;
    return { ...stepped(answer), status, gives: { ...texts(answer), verifier: pkce.verifier } };
  },
  async authorize({ server, device, browser }, chain, presented) {
    const app = appOf(chain, server, device);
    const url = `${server.base}/authorize?${encode({ client_id: app.id, request_uri: presented })}`;
    const { leftFor, status, page } = await browser.get(url);
    const code = leftFor?.searchParams.get('code') ?? undefined;
    if (code !== undefined) return { status: 200, text: '', error: '', gives: { code } };
    return { status: status < 500 ? 400 : status, text: page, error: '', gives: {} };
  },
  async exchange({ server, device }, chain, presented) {
    const app = appOf(chain, server, device);
    const form = { grant_type: 'authorization_code', code: presented, redirect_uri: app.redirectUri };
    return stepped(await requestToken(server, { ...form, code_verifier: chain.code?.beside }, app));
  },
  ask: async ({ server, device }) => stepped(await postForm(server, '/api/device', SCOPE, device)),
  async approve({ browser }, chain) {
    const entered = { user_code: chain.device?.beside ?? '' };
    const asked = await browser.get('/device');
    const shown = asked.status < 500 ? await browser.submit(asked, entered, 'look') : asked;
    if (shown.status > 499) return { status: shown.status, text: shown.page, error: '', gives: {} };
    const { page, status } = await browser.submit(shown, {}, 'allow');
    const isIn = page.includes('The device is connected');
    return { status: isIn ? 200 : Math.max(status, 400), text: page, error: '', gives: {} };
  },
  async poll({ server, device }, _chain, presented) {
    const form = { grant_type: DEVICE_CODE_GRANT, device_code: presented };
    return stepped(await requestToken(server, form, device));
  },
  refresh: async ({ server, device }, chain, presented) =>
    stepped(await refresh(server, presented, appOf(chain, server, device))),
  'revoke access token': giveUp,
  'revoke grant': giveUp,
};

async function giveUp({ server, device }: StepParts, chain: Chain, presented: string): Promise<Stepped> {
  return stepped(await revoke(server, presented, appOf(chain, server, device)));
}

function appOf({ app }: Chain, { clients }: Called, device: RegisteredClient): RegisteredClient {
  if (app === 'device') return device;
  return app === 'public' ? clients.publicWeb : clients.confidential;
}

function stepped(answer: Answer): Stepped {
  const { status, text, body } = answer;
  const error = body['error'];
  return { status, text, error: typeof error === 'string' ? error : '', gives: texts(answer) };
}

function texts({ body }: Answer): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(body).filter((pair): pair is [string, string] => typeof pair[1] === 'string'),
  );
}
