// Things that count once, and how each is used: one table for every race over them.
import { DEVICE_CODE_GRANT } from '../packages/server/src/domain/client.ts';
import { adminToken, callApi } from './admin-calls.ts';
import { asserted, type ClientKey, createClientKey, signAssertion } from './assertions.ts';
import { createDpopKey } from './dpop-key.ts';
import type { TestServer } from './harness.ts';
import { NoScriptBrowser, type Visit } from './no-script-browser.ts';
import {
  type Answer,
  authorizeUrl,
  basic,
  createPkce,
  exchange,
  postForm,
  read,
  requestToken,
  signInAndConsent,
  tokensOf,
} from './oauth-calls.ts';
import { push, visit } from './pushed-requests.ts';
import type { Person, RegisteredClient } from './registrations.ts';
import { setUpApp, signIn } from './second-factors.ts';
import { linkIn, mailTo } from './mails.ts';

/** How a use ended; what is neither is a fault, in words. */
export type Use = 'taken' | 'refused' | { readonly fault: string };

export interface OneTimeThing {
  readonly name: string;
  /** Makes a fresh one. @returns what uses it at a node */
  readonly make: () => Promise<(base: string) => Promise<Use>>;
}

const CLIENT_CREDENTIALS = { grant_type: 'client_credentials' };

export interface OneTimeWorld {
  readonly server: TestServer;
  readonly tv: RegisteredClient;
  readonly signer: RegisteredClient;
  readonly key: ClientKey;
  readonly operator: string;
  readonly browser: NoScriptBrowser;
}

/** Apps, and a person who is signed in. */
export async function createOneTimeWorld(server: TestServer): Promise<OneTimeWorld> {
  const key = createClientKey('k1');
  const browser = server.newBrowser();
  await signInAndConsent(server, browser, { parameters: { scope: 'openid' } });
  return {
    server,
    key,
    browser,
    operator: await adminToken(server),
    tv: await server.registerClient({
      id: 'tv',
      applicationType: 'native',
      redirectUris: [],
      tokenEndpointAuthMethod: 'none',
      grantTypes: [DEVICE_CODE_GRANT, 'refresh_token'],
    }),
    signer: await server.registerClient({
      id: 'signer',
      tokenEndpointAuthMethod: 'private_key_jwt',
      grantTypes: ['client_credentials'],
      metadata: { jwks: { keys: [key.jwk] } },
    }),
  };
}

/** The browser at another node: with the cookies it got from the first. */
export function browserAt(base: string, browser: NoScriptBrowser, issuer: string): NoScriptBrowser {
  const same = new NoScriptBrowser(base, new URL(issuer).origin);
  for (const [name, value] of browser.cookies) same.cookies.set(name, value);
  return same;
}

/** @param errors with which others than the first are refused */
export function useOf({ status, body, text }: Answer, errors: readonly string[]): Use {
  if (status === 200 || status === 201) return 'taken';
  const isExpected = status < 500 && errors.includes(String(body['error']));
  return isExpected ? 'refused' : { fault: `${status} ${text.slice(0, 200)}` };
}

function useOfVisit({ status, page }: Visit, isTaken: boolean): Use {
  if (isTaken) return 'taken';
  return status < 500 ? 'refused' : { fault: `${status} ${page.slice(0, 200)}` };
}

const hasCode = ({ leftFor }: Visit): boolean => leftFor?.searchParams.has('code') === true;

export function authorizationCode({ server, browser }: OneTimeWorld): OneTimeThing {
  return {
    name: 'authorization code',
    async make() {
      const authorized = await signInAndConsent(server, browser, { parameters: { scope: 'openid' } });
      const { confidential } = server.clients;
      return async (base) =>
        useOf(await exchange(server, authorized, confidential, {}, { base }), ['invalid_grant']);
    },
  };
}

/** Everything but codes and refresh tokens. */
export function oneTimeThings(world: OneTimeWorld): readonly OneTimeThing[] {
  return [
    pushedRequest(world),
    consent(world),
    userCode(world),
    deviceCode(world),
    clientAssertion(world),
    proofForToken(world),
    proofForApi(world),
    initialAccessToken(world),
    passwordLink(world),
    timeStep(world),
  ];
}

function pushedRequest({ server, browser }: OneTimeWorld): OneTimeThing {
  return {
    name: 'request_uri',
    async make() {
      const { confidential } = server.clients;
      const { requestUri: uri } = await push(server, confidential);
      return async (base) => {
        const at = browserAt(base, browser, server.issuer);
        const visited = await visit({ ...server, base }, at, confidential.id, { request_uri: uri });
        return useOfVisit(visited, hasCode(visited));
      };
    },
  };
}

function consent({ server, browser }: OneTimeWorld): OneTimeThing {
  return {
    name: 'consent',
    async make() {
      const url = authorizeUrl(server, server.clients.confidential, createPkce(), { prompt: 'consent' });
      const page = await browser.get(url);
      return async (base) => {
        const visited = await browserAt(base, browser, server.issuer).submit(page, {}, 'allow');
        return useOfVisit(visited, hasCode(visited));
      };
    },
  };
}

/** A person may try a few codes a minute only, so that each device has its own person. */
async function enteredDevice(
  { server, tv }: OneTimeWorld,
  person: Person,
): Promise<{ readonly asked: Answer; readonly browser: NoScriptBrowser; readonly shown: Visit }> {
  const asked = await postForm(server, '/api/device', { scope: 'openid' }, tv);
  const browser = server.newBrowser();
  const { email, password } = person;
  await browser.submit(await browser.get('/device'), { email, password });
  const entered = { user_code: String(asked.body['user_code']) };
  return { asked, browser, shown: await browser.submit(await browser.get('/device'), entered, 'look') };
}

let people = 0;

function newPerson({ server }: OneTimeWorld): Promise<Person> {
  return server.registerPerson({ email: `racer${people++}@example.test` });
}

function userCode(world: OneTimeWorld): OneTimeThing {
  return {
    name: 'user_code',
    async make() {
      const { browser, shown } = await enteredDevice(world, await newPerson(world));
      return async (base) => {
        const visited = await browserAt(base, browser, world.server.issuer).submit(shown, {}, 'allow');
        return useOfVisit(visited, visited.page.includes('The device is connected'));
      };
    },
  };
}

function deviceCode(world: OneTimeWorld): OneTimeThing {
  return {
    name: 'device_code',
    async make() {
      const { asked, browser, shown } = await enteredDevice(world, await newPerson(world));
      await browser.submit(shown, {}, 'allow');
      const poll = { grant_type: DEVICE_CODE_GRANT, device_code: String(asked.body['device_code']) };
      return async (base) =>
        useOf(await requestToken(world.server, poll, world.tv, { base }), ['invalid_grant', 'slow_down']);
    },
  };
}

function clientAssertion({ server, key, signer }: OneTimeWorld): OneTimeThing {
  return {
    name: 'client assertion jti',
    async make() {
      const about = { clientId: signer.id, audience: server.issuer, at: Date.now() };
      const form = { ...CLIENT_CREDENTIALS, ...asserted(await signAssertion(key, about)) };
      // Whoever fails to authenticate too often waits.
      const errors = ['invalid_client', 'temporarily_unavailable', 'slow_down'];
      return async (base) => useOf(await requestToken(server, form, undefined, { base }), errors);
    },
  };
}

function proofForToken({ server }: OneTimeWorld): OneTimeThing {
  return {
    name: 'DPoP jti, for a token',
    async make() {
      const dpop = await createDpopKey();
      const { id, secret = '' } = server.clients.confidential;
      const proof = await dpop.proof({ url: `${server.issuer}/api/token` });
      const headers = { authorization: basic(id, secret), dpop: proof };
      return async (base) =>
        useOf(await requestToken(server, CLIENT_CREDENTIALS, undefined, { base, headers }), [
          'invalid_dpop_proof',
        ]);
    },
  };
}

function proofForApi({ server, browser }: OneTimeWorld): OneTimeThing {
  return {
    name: 'DPoP jti, for an API',
    async make() {
      const dpop = await createDpopKey();
      const client = server.clients.publicWeb;
      const authorized = await signInAndConsent(server, browser, { client, parameters: { scope: 'openid' } });
      const bound = { headers: { dpop: await dpop.proof({ url: `${server.issuer}/api/token` }) } };
      const { accessToken } = tokensOf(await exchange(server, authorized, client, {}, bound));
      const proof = await dpop.proof({ method: 'GET', url: `${server.issuer}/userinfo`, accessToken });
      const headers = { authorization: `DPoP ${accessToken}`, dpop: proof };
      return async (base) => {
        const { status, text } = await read(await fetch(`${base}/userinfo`, { headers }));
        if (status === 200) return 'taken';
        return status === 401 ? 'refused' : { fault: `${status} ${text.slice(0, 200)}` };
      };
    },
  };
}

function initialAccessToken({ server, operator }: OneTimeWorld): OneTimeThing {
  return {
    name: 'initial access token',
    async make() {
      const ticket = await callApi(server, operator, 'POST', '/admin/v1/initial-access-tokens', {
        name: 'CI',
        max_uses: 1,
      });
      const authorization = `Bearer ${String(ticket.body['initial_access_token'])}`;
      const body = JSON.stringify({ redirect_uris: ['https://app.example.com/cb'] });
      const headers = { authorization, 'content-type': 'application/json' };
      return async (base) =>
        useOf(await read(await fetch(`${base}/api/register`, { method: 'POST', headers, body })), [
          'invalid_token',
        ]);
    },
  };
}

/** By mail, as an administrator sends it. */
function passwordLink(world: OneTimeWorld): OneTimeThing {
  const { server, operator } = world;
  return {
    name: 'link to choose a password',
    async make() {
      const { user, email } = await newPerson(world);
      await callApi(server, operator, 'POST', `/admin/v1/users/${user.id}/password-link`);
      const browser = server.newBrowser();
      const form = await browser.get(linkIn(await mailTo(server, email)));
      let uses = 0;
      return async (base) => {
        const password = `another good password ${uses++}`;
        const visited = await browserAt(base, browser, server.issuer).submit(form, { password });
        return useOfVisit(visited, visited.url.includes('notice=password_changed'));
      };
    },
  };
}

function timeStep(world: OneTimeWorld): OneTimeThing {
  const { server } = world;
  return {
    name: 'TOTP step',
    async make() {
      const person = await newPerson(world);
      const first = server.newBrowser();
      await signIn(server, first, person);
      const { app } = await setUpApp(server, first, await first.get(`${server.base}/login/set-up`));
      const browser = server.newBrowser();
      const asked = await signIn(server, browser, person);
      // The step of the setting-up is used already: the next one is good, too.
      const code = app.code(server.clock.now(), 1);
      return async (base) => {
        const one = browserAt(base, browser, server.issuer);
        const visited = await one.submit(asked, { code });
        return useOfVisit(visited, visited.page.includes('action="/logout"'));
      };
    },
  };
}
