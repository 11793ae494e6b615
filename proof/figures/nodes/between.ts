// What one node gives, and another takes: once, by whatever clock.
import { asserted, type ClientKey, signAssertion } from '../../../test/assertions.ts';
import { createDpopKey } from '../../../test/dpop-key.ts';
import type { MovableClock } from '../../../test/movable-clock.ts';
import { NoScriptBrowser } from '../../../test/no-script-browser.ts';
import {
  type Answer,
  basic,
  type Called,
  exchange,
  introspect,
  postForm,
  refresh,
  requestToken,
  revoke,
  signInAndConsent,
  tokensOf,
} from '../../../test/oauth-calls.ts';
import { browserAt } from '../../../test/one-time/world.ts';
import { push, visit } from '../../../test/pushed-requests.ts';
import type { RegisteredClient } from '../../../test/registrations.ts';
import { DEVICE_CODE_GRANT } from '../../../packages/server/src/domain/client.ts';

export interface Node {
  readonly name: string;
  readonly base: string;
  readonly clock: MovableClock;
}

export interface NodesWorld {
  readonly server: Called;
  readonly issuer: string;
  /** An API with opaque tokens that live for `LIFETIME_MS`. */
  readonly api: string;
  readonly tv: RegisteredClient;
  readonly signer: RegisteredClient;
  readonly key: ClientKey;
}

/** One node gives, the other takes. */
export interface Pair {
  readonly from: Node;
  readonly to: Node;
}

/** Tries something that was used, at the node that it names. @returns whether it is taken again */
export interface UsedThing {
  readonly what: string;
  readonly isTakenAgain: (node: Node) => Promise<boolean>;
}

export interface Tried {
  /** What is wrong, in words. */
  readonly wrong: readonly string[];
  /** What was used, and must stay so. */
  readonly used: readonly UsedThing[];
}

type Try = (world: NodesWorld, pair: Pair) => Promise<Tried>;

const at = ({ server }: NodesWorld, { base }: Node): Called => ({ ...server, base });
const good = ({ status }: Answer): boolean => status === 200;
const refusedWith = (what: string, { status, text }: Answer): readonly string[] =>
  status === 200 ? [] : [`${what}: ${status} ${text.slice(0, 150)}`];

/** A sign-in, a code and what comes of it; a pushed request; a device: the person is at one node, the app at the other. */
export const signedIn: Try = async (world, { from, to }) => {
  const { issuer, api, server } = world;
  const { publicWeb, confidential } = server.clients;
  const browser = new NoScriptBrowser(from.base, new URL(issuer).origin);
  const parameters = { scope: 'read', resource: api };
  const authorized = await signInAndConsent(at(world, from), browser, { client: publicWeb, parameters });
  const redeemed = await exchange(at(world, to), authorized, publicWeb);
  if (!good(redeemed)) return { wrong: refusedWith('a code', redeemed), used: [] };
  const { refreshToken } = tokensOf(redeemed);
  const renewed = await refresh(at(world, from), refreshToken, publicWeb);
  const next = good(renewed)
    ? await refresh(at(world, to), tokensOf(renewed).refreshToken, publicWeb)
    : renewed;
  const there = browserAt(to.base, browser, issuer);
  const isSignedIn = (await there.get('/login')).page.includes('action="/logout"');
  const { requestUri } = await push(at(world, from), confidential, { scope: 'read', resource: api });
  const answered = await signInWith(world, there, { to, requestUri });
  const device = await letIn(world, there, { from, to });
  await there.submit(await there.get('/logout'), {});
  const wasSignedOut = !(await browser.get('/login')).page.includes('action="/logout"');
  return {
    wrong: [
      ...refusedWith('a refresh token', next),
      ...device,
      ...(isSignedIn ? [] : ['a sign-in is not known']),
      ...(answered ? [] : ['a pushed request is not known']),
      ...(wasSignedOut ? [] : ['a sign-out is not known']),
    ],
    used: [
      {
        what: 'a pushed request',
        async isTakenAgain(node) {
          const again = browserAt(node.base, browser, issuer);
          const visited = await visit(at(world, node), again, confidential.id, { request_uri: requestUri });
          return visited.leftFor?.searchParams.has('code') === true;
        },
      },
      {
        what: 'a code',
        isTakenAgain: async (node) => good(await exchange(at(world, node), authorized, publicWeb)),
      },
    ],
  };
};

async function signInWith(
  world: NodesWorld,
  browser: NoScriptBrowser,
  { to, requestUri }: { readonly to: Node; readonly requestUri: string },
): Promise<boolean> {
  const { confidential } = world.server.clients;
  const asked = await visit(at(world, to), browser, confidential.id, { request_uri: requestUri });
  const visited = asked.leftFor === undefined ? await browser.submit(asked, {}, 'allow') : asked;
  return visited.leftFor?.searchParams.has('code') === true;
}

async function letIn(
  world: NodesWorld,
  browser: NoScriptBrowser,
  { from, to }: Pair,
): Promise<readonly string[]> {
  const { tv } = world;
  const asked = await postForm(at(world, from), '/api/device', { scope: 'openid' }, tv);
  const entered = { user_code: String(asked.body['user_code']) };
  const shown = await browser.submit(await browser.get('/device'), entered, 'look');
  await browser.submit(shown, {}, 'allow');
  const poll = { grant_type: DEVICE_CODE_GRANT, device_code: String(asked.body['device_code']) };
  return refusedWith('a device', await requestToken(at(world, to), poll, tv));
}

/** A DPoP proof and an assertion of a client, whose clock is that of neither node for certain. */
export const proven: Try = async (world, { from, to }) => {
  const { issuer, signer, key, server } = world;
  const now = Math.min(from.clock.now(), to.clock.now());
  const { id, secret = '' } = server.clients.confidential;
  const form = { grant_type: 'client_credentials', resource: world.api };
  const dpop = await createDpopKey();
  const proof = await dpop.proof({ url: `${issuer}/api/token`, at: now });
  const headers = { authorization: basic(id, secret), dpop: proof };
  const withProof = (node: Node): Promise<Answer> =>
    requestToken(at(world, node), form, undefined, { headers });
  const assertion = await signAssertion(key, { clientId: signer.id, audience: issuer, at: now });
  const withAssertion = (node: Node): Promise<Answer> =>
    requestToken(at(world, node), { grant_type: 'client_credentials', ...asserted(assertion) });
  return {
    wrong: [
      ...refusedWith('a DPoP proof', await withProof(from)),
      ...refusedWith('a client assertion', await withAssertion(from)),
      ...(good(await withProof(to)) ? ['a DPoP proof is taken by both'] : []),
      ...(good(await withAssertion(to)) ? ['a client assertion is taken by both'] : []),
    ],
    used: [
      { what: 'a DPoP proof', isTakenAgain: async (node) => good(await withProof(node)) },
      { what: 'a client assertion', isTakenAgain: async (node) => good(await withAssertion(node)) },
    ],
  };
};

/** A token that one node issues and the other revokes. */
export const revoked: Try = async (world, { from, to }) => {
  const { confidential } = world.server.clients;
  const { value } = await newToken(world, from);
  const before = await isActive(world, to, value);
  await revoke(at(world, to), value, confidential);
  return {
    wrong: [
      ...(before ? [] : ['a token is not known']),
      ...((await isActive(world, from, value)) ? ['a revoked token is good'] : []),
    ],
    used: [{ what: 'a revoked token', isTakenAgain: (node) => isActive(world, node, value) }],
  };
};

export interface EndingToken {
  readonly value: string;
  /** Milliseconds, by the clock of the node that issued it. */
  readonly endsAt: number;
}

export async function newToken(world: NodesWorld, node: Node): Promise<EndingToken> {
  const { confidential } = world.server.clients;
  const form = { grant_type: 'client_credentials', resource: world.api };
  const { accessToken } = tokensOf(await requestToken(at(world, node), form, confidential));
  const { body } = await introspect(at(world, node), accessToken);
  return { value: accessToken, endsAt: Number(body['exp']) * 1000 };
}

export async function isActive(world: NodesWorld, node: Node, token: string): Promise<boolean> {
  return (await introspect(at(world, node), token)).body['active'] === true;
}
