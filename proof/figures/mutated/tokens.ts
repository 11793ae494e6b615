// Credentials of apps and programs: tokens, codes, secrets, proofs and assertions.
import { DEVICE_CODE_GRANT, JWT_BEARER_GRANT } from '../../../packages/server/src/domain/client.ts';
import { adminToken, callApi } from '../../../test/admin-calls.ts';
import { asserted, createClientKey, signAssertion } from '../../../test/assertions.ts';
import { createDpopKey } from '../../../test/dpop-key.ts';
import { newJti, registerIssuer } from '../../../test/foreign-issuer.ts';
import type { TestServer } from '../../../test/harness.ts';
import {
  basic,
  exchange,
  introspect,
  postForm,
  read,
  refresh,
  requestToken,
  signInAndConsent,
  tokensOf,
} from '../../../test/oauth-calls.ts';
import { tokenOwner } from '../../../test/personal-tokens.ts';
import { MUSIC, OPAQUE } from '../../../test/registrations.ts';
import { type Credential, verdictOf } from './credential.ts';

const CLIENT_CREDENTIALS = { grant_type: 'client_credentials' };

/** Three of a kind, one after the other. */
async function three(make: (turn: number) => Promise<string>): Promise<[string, string, string]> {
  return [await make(0), await make(1), await make(2)];
}

/** Asked about at the server, by the API that they are for. */
function introspected(server: TestServer, name: string, goods: Credential['goods']): Credential {
  const { musicServer } = server.clients;
  return {
    name,
    goods,
    by: 'form',
    async present(token) {
      const answer = await introspect(server, token, musicServer);
      return verdictOf(answer, answer.body['active'] === true);
    },
  };
}

export async function bearerTokens(server: TestServer): Promise<readonly Credential[]> {
  const { confidential } = server.clients;
  const own = (resource: string) =>
    three(async () => {
      const form = { ...CLIENT_CREDENTIALS, resource };
      return tokensOf(await requestToken(server, form, confidential)).accessToken;
    });
  const owner = await tokenOwner(server, 'owner@example.test');
  const admin = await adminToken(server);
  await callApi(server, admin, 'PATCH', `/admin/v1/resources/${server.resources.music.id}`, {
    client_token_scopes: ['catalog-read'],
  });
  const clientToken = async ({ id }: { readonly id: string }): Promise<string> => {
    const made = await callApi(server, admin, 'POST', `/admin/v1/clients/${id}/client-token`, {});
    return String(made.body['client_token']);
  };
  return [
    introspected(server, 'opaque access token', await own(OPAQUE)),
    introspected(server, 'JWT access token', await own(MUSIC)),
    introspected(server, 'personal access token', await three(async () => (await owner.make()).token)),
    introspected(server, 'client token', [
      await clientToken(confidential),
      await clientToken(server.clients.publicWeb),
    ]),
    {
      name: 'bearer token of the account API',
      goods: [await adminToken(server), await adminToken(server), await adminToken(server)],
      by: 'header',
      present: async (token) => verdictOf(await callApi(server, token, 'GET', '/account/v1/profile')),
    },
  ];
}

export async function grants(server: TestServer): Promise<readonly Credential[]> {
  const { confidential, publicWeb } = server.clients;
  const browser = server.newBrowser();
  const parameters = { scope: 'openid' };
  const first = await signInAndConsent(server, browser, { parameters });
  const other = await signInAndConsent(server, browser, { parameters });
  const refreshToken = async (): Promise<string> => {
    const options = { client: publicWeb, parameters: { scope: 'catalog-read' } };
    const authorized = await signInAndConsent(server, browser, options);
    return tokensOf(await exchange(server, authorized, publicWeb)).refreshToken;
  };
  return [
    {
      name: 'authorization code',
      goods: [first.code, other.code],
      by: 'form',
      present: async (code) => verdictOf(await exchange(server, { ...first, code }, confidential)),
    },
    {
      name: 'code verifier',
      goods: [other.verifier, first.verifier],
      by: 'form',
      present: async (verifier) => verdictOf(await exchange(server, { ...other, verifier }, confidential)),
    },
    {
      name: 'refresh token',
      goods: await three(refreshToken),
      by: 'form',
      present: async (token) => verdictOf(await refresh(server, token, publicWeb)),
    },
    await deviceCodes(server),
  ];
}

async function deviceCodes(server: TestServer): Promise<Credential> {
  const tv = await server.registerClient({
    id: 'tv',
    applicationType: 'native',
    redirectUris: [],
    tokenEndpointAuthMethod: 'none',
    grantTypes: [DEVICE_CODE_GRANT, 'refresh_token'],
  });
  return {
    name: 'device code',
    goods: await three(async () => {
      const asked = await postForm(server, '/api/device', { scope: 'openid' }, tv);
      return String(asked.body['device_code']);
    }),
    by: 'form',
    async present(code) {
      const answer = await requestToken(server, { grant_type: DEVICE_CODE_GRANT, device_code: code }, tv);
      // Whoever is told to wait has been recognized.
      const isKnown =
        answer.body['error'] === 'authorization_pending' || answer.body['error'] === 'slow_down';
      return verdictOf(answer, answer.status < 300 || isKnown);
    },
  };
}

/** What an app or a program proves itself with. */
export async function proofs(server: TestServer): Promise<readonly Credential[]> {
  const { confidential, musicServer, otherServer } = server.clients;
  const { issuer, clock } = server;
  const endpoint = `${issuer}/api/token`;
  const key = createClientKey('k1');
  const signer = await server.registerClient({
    id: 'signer',
    tokenEndpointAuthMethod: 'private_key_jwt',
    grantTypes: ['client_credentials'],
    metadata: { jwks: { keys: [key.jwk] } },
  });
  const dpop = await createDpopKey();
  const byProof = { authorization: basic(confidential.id, confidential.secret ?? '') };
  return [
    {
      name: 'client secret',
      goods: [confidential.secret ?? '', musicServer.secret ?? '', otherServer.secret ?? ''],
      by: 'form',
      present: async (secret) =>
        verdictOf(await requestToken(server, CLIENT_CREDENTIALS, { ...confidential, secret })),
    },
    {
      name: 'client assertion',
      goods: await three(() =>
        signAssertion(key, { clientId: signer.id, audience: issuer, at: clock.now() }),
      ),
      by: 'form',
      present: async (assertion) =>
        verdictOf(await requestToken(server, { ...CLIENT_CREDENTIALS, ...asserted(assertion) })),
    },
    {
      name: 'DPoP proof',
      goods: await three(() => dpop.proof({ url: endpoint, at: clock.now() })),
      by: 'header',
      present: async (proof) => {
        const headers = { ...byProof, dpop: proof };
        return verdictOf(await requestToken(server, CLIENT_CREDENTIALS, undefined, { headers }));
      },
    },
    await authorizationGrants(server, endpoint),
  ];
}

async function authorizationGrants(server: TestServer, aud: string): Promise<Credential> {
  const job = await server.registerClient({
    id: 'job',
    tokenEndpointAuthMethod: 'none',
    grantTypes: [JWT_BEARER_GRANT],
    redirectUris: [],
  });
  const rules = [{ claims: { sub: 'job' }, clientId: job.id, scopes: ['catalog-read'], resources: [MUSIC] }];
  const ci = await registerIssuer(server, { issuer: 'https://ci.example', kind: 'workload', rules });
  const iat = Math.floor(server.clock.now() / 1000);
  const claims = { iss: ci.trusted.issuer, sub: 'job', aud, iat, exp: iat + 300 };
  return {
    name: 'JWT that is traded for a token',
    goods: await three(() => ci.sign({ ...claims, jti: newJti() })),
    by: 'form',
    present: async (assertion) =>
      verdictOf(await requestToken(server, { grant_type: JWT_BEARER_GRANT, assertion, resource: MUSIC })),
  };
}

export async function registrationTokens(server: TestServer): Promise<Credential> {
  const registered = async (): Promise<readonly [id: string, token: string]> => {
    const answer = await read(
      await fetch(`${server.base}/api/register`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ redirect_uris: ['https://app.example.com/cb'] }),
      }),
    );
    return [String(answer.body['client_id']), String(answer.body['registration_access_token'])];
  };
  const [[id, token], [, other]] = [await registered(), await registered()];
  return {
    name: 'registration access token',
    goods: [token, other],
    by: 'header',
    present: async (changed) => verdictOf(await callApi(server, changed, 'GET', `/api/register/${id}`)),
  };
}
