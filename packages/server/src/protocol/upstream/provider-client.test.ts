import { generateKeyPair, exportJWK, SignJWT } from 'jose';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Outbound, OutboundAnswer } from '../../ports/outbound.ts';
import { createProviderClient, type KnownProvider } from './provider-client.ts';

const ISSUER = 'https://id.partner.example';
const REDIRECT = 'https://here.example/login/with/idp_1/callback';
const REQUEST = { state: 'the-state', nonce: 'the-nonce', codeVerifier: 'v'.repeat(43) };
const PROVIDER: KnownProvider = {
  id: 'idp_1',
  name: 'Partner',
  issuer: ISSUER,
  clientId: 'here',
  secret: 'hush',
  scopes: ['openid', 'email'],
  status: 'active',
  createAccounts: true,
  keepTokens: true,
  tokenClients: [],
  createdAt: 0,
  updatedAt: 0,
};
const METADATA = {
  issuer: ISSUER,
  authorization_endpoint: `${ISSUER}/authorize`,
  token_endpoint: `${ISSUER}/token`,
  jwks_uri: `${ISSUER}/jwks`,
  userinfo_endpoint: `${ISSUER}/userinfo`,
  authorization_response_iss_parameter_supported: true,
  id_token_signing_alg_values_supported: ['ES256'],
};

let keys: Awaited<ReturnType<typeof generateKeyPair>>;
let others: Awaited<ReturnType<typeof generateKeyPair>>;
let jwks: object;
beforeAll(async () => {
  [keys, others] = await Promise.all([generateKeyPair('ES256'), generateKeyPair('ES256')]);
  jwks = { keys: [{ ...(await exportJWK(keys.publicKey)), kid: 'one', alg: 'ES256', use: 'sig' }] };
});

const answer = (body: object, status = 200): OutboundAnswer => ({
  status,
  headers: new Headers({ 'content-type': 'application/json' }),
  body: Buffer.from(JSON.stringify(body)),
});

interface Answers {
  readonly claims?: Readonly<Record<string, unknown>>;
  readonly key?: CryptoKey;
  readonly idToken?: string;
  readonly userinfo?: object;
  readonly metadata?: object;
}

function provider({ claims, key, idToken, userinfo = {}, metadata = METADATA }: Answers = {}) {
  const posted: string[] = [];
  const sign = async (): Promise<string> => {
    const now = Math.floor(Date.now() / 1000);
    const all = {
      iss: ISSUER,
      aud: 'here',
      sub: 'ada',
      nonce: 'the-nonce',
      iat: now,
      exp: now + 60,
      ...claims,
    };
    return new SignJWT(Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)))
      .setProtectedHeader({ alg: 'ES256', kid: 'one' })
      .sign(key ?? keys.privateKey);
  };
  const outbound: Outbound = {
    async get(url) {
      if (url.endsWith('/jwks')) return answer(jwks);
      return answer(url.endsWith('/userinfo') ? userinfo : metadata);
    },
    async post(_url, body) {
      posted.push(body);
      const id_token = idToken ?? (await sign());
      return answer({ access_token: 'at', token_type: 'Bearer', expires_in: 60, id_token });
    },
  };
  return { client: createProviderClient({ outbound, clock: Date.now }), posted };
}

const redeem = (answers: Answers, parameters: Readonly<Record<string, string>> = {}) =>
  provider(answers).client.redeem(
    PROVIDER,
    new URLSearchParams({ code: 'c', state: 'the-state', iss: ISSUER, ...parameters }),
    REQUEST,
    REDIRECT,
  );

describe('refuses', () => {
  it.each<[string, Answers]>([
    ['an ID token without the nonce', { claims: { nonce: undefined } }],
    ['an ID token with another nonce', { claims: { nonce: 'other' } }],
    ['an ID token for another client', { claims: { aud: 'somebody' } }],
    ['an ID token of another issuer', { claims: { iss: 'https://attacker.example' } }],
    ['an ID token that has expired', { claims: { exp: 1 } }],
    ['an ID token without a subject', { claims: { sub: undefined } }],
    ['an ID token that is none', { idToken: 'hello' }],
    ['an unsigned ID token', { idToken: 'eyJhbGciOiJub25lIn0.e30.' }],
    ['metadata of another issuer', { metadata: { ...METADATA, issuer: 'https://attacker.example' } }],
  ])('%s', async (_what, answers) => {
    await expect(redeem(answers)).rejects.toThrow();
  });
  it('an ID token that another key has signed', async () => {
    await expect(redeem({ key: others.privateKey })).rejects.toThrow();
  });
  it.each([
    ['another state', { state: 'other' }],
    ['another issuer in the answer', { iss: 'https://attacker.example' }],
    ['an error', { error: 'access_denied' }],
  ])('%s', async (_what, parameters) => {
    await expect(redeem({}, parameters)).rejects.toThrow();
  });
  it('a refresh where none was given', async () => {
    const { client } = provider();
    await expect(client.refresh(PROVIDER, { accessToken: 'at', tokenType: 'Bearer' })).rejects.toThrow();
  });
});

describe('takes an address only where it is verified in so many words', () => {
  it.each<[Readonly<Record<string, unknown>>, string | undefined]>([
    [{ email: 'a@b.example', email_verified: true }, 'a@b.example'],
    [{ email: 'a@b.example', email_verified: 'true' }, undefined],
    [{ email: 'a@b.example', email_verified: false }, undefined],
    [{ email: 'a@b.example' }, undefined],
    [{ email: 7, email_verified: true }, undefined],
  ])('%j: %s', async (claims, email) => {
    expect((await redeem({ claims })).verifiedEmail).toBe(email);
  });
  it('and of nobody else', async () => {
    const said = { email: 'a@b.example', email_verified: true };
    expect((await redeem({ userinfo: { sub: 'grace', ...said } })).verifiedEmail).toBeUndefined();
    expect((await redeem({ userinfo: { sub: 'ada', ...said } })).verifiedEmail).toBe('a@b.example');
  });
});

it('asks once for the metadata that many wait for, and again after a failure', async () => {
  let asked = 0;
  const outbound: Outbound = {
    async get() {
      asked += 1;
      if (asked === 1) throw new Error('nobody there');
      return answer(METADATA);
    },
    post: () => Promise.reject(new Error('nothing is to be sent')),
  };
  const client = createProviderClient({ outbound, clock: Date.now });
  const click = () => client.authorizationUrl(PROVIDER, REQUEST, REDIRECT);
  await expect(click()).rejects.toThrow('nobody there');
  const urls = await Promise.all(Array.from({ length: 40 }, click));
  expect(new Set(urls).size).toBe(1);
  expect(asked).toBe(2);
});

it('leads to the provider with PKCE, state and nonce, and sends its secret in the body', async () => {
  const { client, posted } = provider();
  const url = new URL(await client.authorizationUrl(PROVIDER, REQUEST, REDIRECT));
  expect(Object.fromEntries(url.searchParams)).toMatchObject({
    client_id: 'here',
    response_type: 'code',
    state: 'the-state',
    nonce: 'the-nonce',
    code_challenge_method: 'S256',
  });
  expect(url.searchParams.get('code_challenge')).not.toBe(REQUEST.codeVerifier);
  const parameters = new URLSearchParams({ code: 'c', state: 'the-state', iss: ISSUER });
  const person = await client.redeem(PROVIDER, parameters, REQUEST, REDIRECT);
  expect(person).toMatchObject({ subject: 'ada', tokens: { accessToken: 'at', tokenType: 'Bearer' } });
  expect(Object.fromEntries(new URLSearchParams(posted[0]))).toMatchObject({
    client_secret: 'hush',
    code_verifier: REQUEST.codeVerifier,
  });
});
