// What apps are given or prove themselves with, and counts once.
import { DEVICE_CODE_GRANT, JWT_BEARER_GRANT } from '../../packages/server/src/domain/client.ts';
import { callApi } from '../admin-calls.ts';
import { asserted, signAssertion } from '../assertions.ts';
import { createDpopKey } from '../dpop-key.ts';
import { newJti } from '../foreign-issuer.ts';
import type { NoScriptBrowser, Visit } from '../no-script-browser.ts';
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
} from '../oauth-calls.ts';
import { push, visit } from '../pushed-requests.ts';
import { MUSIC, type Person } from '../registrations.ts';
import {
  browserAt,
  hasCode,
  newPerson,
  type OneTimeThing,
  type OneTimeWorld,
  useOf,
  useOfVisit,
} from './world.ts';

const CLIENT_CREDENTIALS = { grant_type: 'client_credentials' };

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

export function pushedRequest({ server, browser }: OneTimeWorld): OneTimeThing {
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

export function consent({ server, browser }: OneTimeWorld): OneTimeThing {
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

export function userCode(world: OneTimeWorld): OneTimeThing {
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

export function deviceCode(world: OneTimeWorld): OneTimeThing {
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

export function clientAssertion({ server, key, signer }: OneTimeWorld): OneTimeThing {
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

export function proofForToken({ server }: OneTimeWorld): OneTimeThing {
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

export function proofForApi({ server, browser }: OneTimeWorld): OneTimeThing {
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

export function initialAccessToken({ server, operator }: OneTimeWorld): OneTimeThing {
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

export function authorizationGrant({ server, issuer }: OneTimeWorld): OneTimeThing {
  return {
    name: 'authorization grant jti',
    async make() {
      const now = Math.floor(Date.now() / 1000);
      const { issuer: iss } = issuer.trusted;
      const aud = `${server.issuer}/api/token`;
      const claims = { iss, sub: 'job', aud, iat: now, exp: now + 300, jti: newJti() };
      const form = { grant_type: JWT_BEARER_GRANT, assertion: await issuer.sign(claims), resource: MUSIC };
      return async (base) =>
        useOf(await requestToken(server, form, undefined, { base }), ['invalid_grant', 'slow_down']);
    },
  };
}
