// Clients that authenticate by certificate, and tokens that are bound to one: by TLS, and behind a proxy.
import * as oauth from 'oauth4webapi';
import * as openid from 'openid-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Client } from '../../packages/server/src/domain/client.ts';
import {
  type Authority,
  type CertificateDetails,
  clientCertHeader,
  createAuthority,
  fetchWith,
  type Identity,
  selfSigned,
} from '../certificates.ts';
import { createDpopKey } from '../dpop-key.ts';
import { STORES, startTestServer, type TestServer } from '../harness.ts';
import {
  type Answer,
  basic,
  encode,
  exchange,
  finish,
  introspect,
  type Parameters,
  read,
  requestToken,
  signInAndConsent,
  tokensOf,
} from '../oauth-calls.ts';
import { MUSIC } from '../registrations.ts';

const grant = { grant_type: 'client_credentials' };
const names: NonNullable<CertificateDetails['names']> = [
  { type: 'dns', value: 'billing.example' },
  { type: 'dns', value: '*.wild.example' },
  { type: 'url', value: 'spiffe://example/billing' },
  { type: 'ip', value: '192.0.2.7' },
  { type: 'ip', value: '2001:db8::7' },
  { type: 'email', value: 'billing@example.com' },
];

let authority: Authority;
let foreignAuthority: Authority;
let server: Identity;
let billing: Identity;
let own: Identity;
let others: Identity;

beforeAll(async () => {
  authority = await createAuthority();
  foreignAuthority = await createAuthority();
  server = await authority.issue({ subject: 'CN=localhost', names: [{ type: 'dns', value: 'localhost' }] });
  billing = await authority.issue({ subject: 'C=SE, O=Example, CN=billing', names });
  own = await selfSigned({ subject: 'CN=own' });
  others = await selfSigned({ subject: 'CN=own' });
});

function postByTls(
  at: TestServer,
  identity: Identity | undefined,
  parameters: Parameters,
  { path = '/api/token', headers = {} }: { path?: string; headers?: Record<string, string> } = {},
): Promise<Answer> {
  return fetchWith(identity, authority.cert)(`${at.mutualTlsBase}${path}`, {
    method: 'POST',
    body: encode(parameters),
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
  }).then(read);
}

const PKI = { tokenEndpointAuthMethod: 'tls_client_auth' } as const;
const DN = { tls_client_auth_subject_dn: 'CN=billing,O=Example,C=SE' };

async function registerClients(at: TestServer): Promise<void> {
  await at.registerClient({ ...PKI, id: 'billing', metadata: DN });
  await at.registerClient({
    id: 'own',
    tokenEndpointAuthMethod: 'self_signed_tls_client_auth',
    metadata: { jwks: { keys: [own.jwk] } },
  });
  await at.registerClient({
    id: 'bound-spa',
    tokenEndpointAuthMethod: 'none',
    metadata: { tls_client_certificate_bound_access_tokens: true },
  });
  await at.registerClient({
    id: 'bound-web',
    metadata: { tls_client_certificate_bound_access_tokens: true },
  });
}

describe.each(STORES)('mutual TLS on %s', (store) => {
  let at: TestServer;

  beforeAll(async () => {
    at = await startTestServer({
      store,
      mutualTls: { cert: server.cert, key: server.key },
      clientAuthorities: authority.cert,
    });
    await registerClients(at);
  });
  afterAll(() => at?.close());

  const asBilling = (identity: Identity | undefined, more: Parameters = {}): Promise<Answer> =>
    postByTls(at, identity, { ...grant, client_id: 'billing', ...more });
  const asOwn = (identity: Identity | undefined): Promise<Answer> =>
    postByTls(at, identity, { ...grant, client_id: 'own' });
  const issued = (details: CertificateDetails): Promise<Identity> => authority.issue(details);
  const DAY = 86_400_000;

  async function asOwnExpired(): Promise<Answer> {
    const expired = await selfSigned({ subject: 'CN=own', notAfter: new Date(Date.now() - DAY / 2) });
    await at.registerClient({
      id: 'expired',
      tokenEndpointAuthMethod: 'self_signed_tls_client_auth',
      metadata: { jwks: { keys: [expired.jwk] } },
    });
    return postByTls(at, expired, { ...grant, client_id: 'expired' });
  }

  it('works where a request is pushed (RFC 9126 §2)', async () => {
    const request = {
      client_id: 'own',
      response_type: 'code',
      redirect_uri: 'https://own.example.com/cb',
      code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
      code_challenge_method: 'S256',
    };
    expect((await postByTls(at, others, request, { path: '/api/par' })).status).toBe(401);
    expect((await postByTls(at, own, request, { path: '/api/par' })).status).toBe(201);
  });

  describe('is refused (RFC 8705 §2)', () => {
    it.each<[string, () => Promise<Answer>]>([
      ['no certificate', () => asBilling(undefined)],
      [
        'no certificate at the address of everybody',
        () => requestToken(at, { ...grant, client_id: 'billing' }),
      ],
      [
        'GW-37: the header, from nobody who is trusted',
        () =>
          requestToken(at, { ...grant, client_id: 'billing' }, undefined, {
            headers: { 'client-cert': clientCertHeader(billing) },
          }),
      ],
      [
        'GW-37: the header beside no certificate',
        () =>
          postByTls(
            at,
            undefined,
            { ...grant, client_id: 'billing' },
            { headers: { 'client-cert': clientCertHeader(billing) } },
          ),
      ],
      [
        '§2.1: the right subject from another authority',
        async () => asBilling(await foreignAuthority.issue({ subject: 'C=SE, O=Example, CN=billing' })),
      ],
      [
        '§2.1: the right subject, self-signed',
        async () => asBilling(await selfSigned({ subject: 'C=SE, O=Example, CN=billing' })),
      ],
      [
        '§2.1: another subject',
        async () => asBilling(await issued({ subject: 'C=SE, O=Example, CN=other' })),
      ],
      [
        '§2.1: a subject with more in it',
        async () => asBilling(await issued({ subject: 'C=SE, O=Example, CN=billing, CN=billing' })),
      ],
      [
        '§2.1: a subject in another order',
        async () => asBilling(await issued({ subject: 'CN=billing, O=Example, C=SE' })),
      ],
      [
        '§2.1: all of the subject in one value',
        async () => asBilling(await issued({ subject: 'CN=billing\\,O=Example\\,C=SE' })),
      ],
      ['§2.1: only an alternative name', async () => asBilling(await issued({ subject: 'CN=x', names }))],
      [
        'GW-37: expired',
        async () =>
          asBilling(
            await issued({
              subject: 'C=SE, O=Example, CN=billing',
              notAfter: new Date(Date.now() - DAY / 2),
            }),
          ),
      ],
      [
        'GW-37: not in force yet',
        async () =>
          asBilling(
            await issued({ subject: 'C=SE, O=Example, CN=billing', notBefore: new Date(Date.now() + DAY) }),
          ),
      ],
      [
        'RFC 5280 §4.2.1.12: a certificate for servers only',
        async () =>
          asBilling(await issued({ subject: 'C=SE, O=Example, CN=billing', uses: ['1.3.6.1.5.5.7.3.1'] })),
      ],
      ['§2.2: no certificate of a client with its own', () => asOwn(undefined)],
      ['§2.2: another certificate with the same subject', () => asOwn(others)],
      ['GW-37: its own certificate when that has expired', () => asOwnExpired()],
      ['§2.2: a certificate of the authority', () => asOwn(billing)],
      [
        'TK-09: a secret in place of the certificate',
        () => postByTls(at, undefined, grant, { headers: { authorization: basic('billing', 'secret') } }),
      ],
      [
        'TK-09: a secret beside the certificate',
        () => postByTls(at, billing, { ...grant, client_id: 'billing', client_secret: 'secret' }),
      ],
      [
        'TK-09: a certificate in place of the secret',
        () => postByTls(at, billing, { ...grant, client_id: 'confidential' }),
      ],
    ])('%s', async (_what, request) => {
      const { status, body } = await request();
      expect(body).toMatchObject({ error: 'invalid_client' });
      expect(status).toBe(401);
    });

    it('§2: a request that does not name its client', async () => {
      expect((await postByTls(at, billing, grant)).body).toMatchObject({ error: 'invalid_client' });
    });

    it('everything else at the address that asks for certificates', async () => {
      for (const path of ['/', '/login', '/authorize', '/admin/v1/clients', '/api/token/', '//api/token']) {
        // oxlint-disable-next-line no-await-in-loop -- one after the other
        const answer = await fetchWith(billing, authority.cert)(`${at.mutualTlsBase}${path}`);
        expect([path, answer.status]).toEqual([path, 404]);
      }
    });
  });

  describe('a subject (RFC 8705 §2.1.2)', () => {
    it.each<[string, Client['metadata'], boolean]>([
      ['the name as RFC 4514 writes it', DN, true],
      [
        'spelt with spaces and small letters',
        { tls_client_auth_subject_dn: 'cn = billing, o = Example, c = SE' },
        true,
      ],
      [
        'by object identifiers',
        { tls_client_auth_subject_dn: '2.5.4.3=billing,2.5.4.10=Example,2.5.4.6=SE' },
        true,
      ],
      ['with escapes', { tls_client_auth_subject_dn: 'CN=bil\\6cing,O=\\45xample,C=SE' }, true],
      ['in other letters', { tls_client_auth_subject_dn: 'CN=Billing,O=Example,C=SE' }, false],
      ['a part of the name', { tls_client_auth_subject_dn: 'CN=billing' }, false],
      ['a DNS name', { tls_client_auth_san_dns: 'Billing.example' }, true],
      ['a DNS name below a wildcard', { tls_client_auth_san_dns: 'a.wild.example' }, false],
      ['a domain of the DNS name', { tls_client_auth_san_dns: 'example' }, false],
      ['the common name as a DNS name', { tls_client_auth_san_dns: 'billing' }, false],
      ['a URI', { tls_client_auth_san_uri: 'spiffe://example/billing' }, true],
      ['another URI', { tls_client_auth_san_uri: 'spiffe://example/billing/' }, false],
      ['an IPv4 address', { tls_client_auth_san_ip: '192.0.2.7' }, true],
      ['an IPv6 address, spelt in full', { tls_client_auth_san_ip: '2001:0db8:0:0:0:0:0:7' }, true],
      ['another address', { tls_client_auth_san_ip: '192.0.2.8' }, false],
      ['an email address', { tls_client_auth_san_email: 'billing@example.com' }, true],
      ['another email address', { tls_client_auth_san_email: 'other@example.com' }, false],
      ['a DNS name as a URI', { tls_client_auth_san_uri: 'billing.example' }, false],
      ['nothing at all', {}, false],
    ])('%s', async (what, metadata, isGood) => {
      const id = `pki-${what.replaceAll(/\W/g, '-')}`;
      await at.registerClient({ ...PKI, id, metadata });
      const { status } = await postByTls(at, billing, { ...grant, client_id: id });
      expect(status).toBe(isGood ? 200 : 401);
    });
  });

  describe('tokens are bound to the certificate (RFC 8705 §3)', () => {
    it.each(['own', 'billing'])('of %s, in both formats', async (client_id) => {
      const identity = client_id === 'own' ? own : billing;
      const cnf = { 'x5t#S256': identity.thumbprint };
      const opaque = await postByTls(at, identity, { ...grant, client_id });
      expect(opaque.body).toMatchObject({ token_type: 'Bearer' });
      const said = await introspect(at, String(opaque.body['access_token']));
      expect(said.body).toMatchObject({ active: true, client_id, token_type: 'Bearer', cnf });
      const jwt = await postByTls(at, identity, { ...grant, client_id, resource: MUSIC });
      const [, payload = ''] = String(jwt.body['access_token']).split('.');
      expect(JSON.parse(Buffer.from(payload, 'base64url').toString())).toMatchObject({ cnf });
    });

    it('§3.4: a client whose tokens are bound gets none without a certificate', async () => {
      const authorization = basic('bound-web', (await secretOf('bound-web')) ?? '');
      const refused = await requestToken(at, grant, undefined, { headers: { authorization } });
      expect(refused.status).toBe(400);
      expect(refused.body).toMatchObject({ error: 'invalid_request' });
      const given = await postByTls(at, others, grant, { headers: { authorization } });
      const said = await introspect(at, String(given.body['access_token']));
      expect(said.body).toMatchObject({ cnf: { 'x5t#S256': others.thumbprint } });
    });

    /** Registered anew, because only then the secret is known. */
    async function secretOf(id: string): Promise<string | undefined> {
      await at.tessera.store.clients.delete(id, {
        id: `evt_${id}`,
        at: 0,
        type: 'client.deleted',
        outcome: 'success',
        actor: 'system',
      });
      const metadata = { tls_client_certificate_bound_access_tokens: true };
      return (await at.registerClient({ id, metadata })).secret;
    }

    it('§4: so are the refresh tokens of a public client', async () => {
      const client = { id: 'bound-spa', secret: undefined, redirectUri: 'https://bound-spa.example.com/cb' };
      const { code, verifier } = await signInAndConsent(at, at.newBrowser(), {
        client,
        parameters: { scope: 'openid offline_access' },
      });
      const redemption = {
        grant_type: 'authorization_code',
        client_id: client.id,
        code,
        code_verifier: verifier,
        redirect_uri: client.redirectUri,
      };
      const without = await postByTls(at, undefined, redemption);
      expect(without.body).toMatchObject({ error: 'invalid_request' });
      const tokens = await postByTls(at, own, redemption);
      expect(tokens.status).toBe(200);
      const renew = (identity: Identity | undefined) =>
        postByTls(at, identity, {
          grant_type: 'refresh_token',
          client_id: client.id,
          refresh_token: String(tokens.body['refresh_token']),
        });
      expect((await renew(others)).body).toMatchObject({ error: 'invalid_grant' });
      expect((await renew(undefined)).body).toMatchObject({ error: 'invalid_request' });
      const renewed = await renew(own);
      expect(renewed.status).toBe(200);
      await expectUserinfo(String(renewed.body['access_token']));
    });

    /** Good at UserInfo on a connection with the certificate, and on no other. */
    async function expectUserinfo(token: string): Promise<void> {
      const headers = { authorization: `Bearer ${token}` };
      const ask = (identity: Identity | undefined) =>
        fetchWith(identity, authority.cert)(`${at.mutualTlsBase}/userinfo`, { headers });
      expect((await ask(own)).status).toBe(200);
      expect((await ask(others)).status).toBe(401);
      expect((await ask(undefined)).status).toBe(401);
      expect((await fetch(`${at.base}/userinfo`, { headers })).status).toBe(401);
    }

    it('a DPoP proof is for the address that was called (RFC 9449 §4.3 9)', async () => {
      const key = await createDpopKey();
      const ask = async (url: string): Promise<Answer> => {
        const headers = { dpop: await key.proof({ url: `${url}/api/token` }) };
        return postByTls(at, own, { ...grant, client_id: 'own' }, { headers });
      };
      const bound = await ask(at.mutualTlsBase);
      expect(bound.body).toMatchObject({ token_type: 'DPoP' });
      const accessToken = String(bound.body['access_token']);
      expect((await introspect(at, accessToken)).body['cnf']).toEqual({ jkt: key.jkt });
      for (const url of [at.issuer, 'https://evil.example']) {
        // oxlint-disable-next-line no-await-in-loop -- one after the other
        expect((await ask(url)).body['error']).toBe('invalid_dpop_proof');
      }
    });

    it('a DPoP-bound token is taken there with a proof for there (RFC 9449 §7.1)', async () => {
      const key = await createDpopKey();
      const { publicWeb } = at.clients;
      const authorized = await signInAndConsent(at, at.newBrowser(), {
        client: publicWeb,
        parameters: { scope: 'openid' },
      });
      const headers = { dpop: await key.proof({ url: `${at.issuer}/api/token` }) };
      const { accessToken } = tokensOf(await exchange(at, authorized, publicWeb, {}, { headers }));
      const call = async (url: string): Promise<number> => {
        const dpop = await key.proof({ method: 'GET', url: `${url}/userinfo`, accessToken });
        const answer = await fetchWith(own, authority.cert)(`${at.mutualTlsBase}/userinfo?x=1`, {
          headers: { authorization: `DPoP ${accessToken}`, dpop },
        });
        return answer.status;
      };
      expect(await call(at.mutualTlsBase)).toBe(200);
      expect(await call(at.issuer)).toBe(401);
    });

    it('§3: DPoP does not take the place of the certificate', async () => {
      const headers = { dpop: 'whatever' };
      const answer = await postByTls(at, own, { ...grant, client_id: 'own' }, { headers });
      expect(answer.status).toBe(400);
    });
  });

  describe('with libraries', () => {
    it('oauth4webapi: finds the addresses and uses them (RFC 8705 §5)', async () => {
      const options = { [oauth.allowInsecureRequests]: true };
      const issuer = new URL(at.issuer);
      const as = await oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, options));
      expect(as.mtls_endpoint_aliases?.token_endpoint).toBe(`${at.mutualTlsBase}/api/token`);
      expect(as.tls_client_certificate_bound_access_tokens).toBe(true);
      expect(as.token_endpoint_auth_methods_supported).toEqual(
        expect.arrayContaining(['tls_client_auth', 'self_signed_tls_client_auth']),
      );
      const client = { client_id: 'own', use_mtls_endpoint_aliases: true };
      const byTls = { ...options, [oauth.customFetch]: fetchWith(own, authority.cert) as never };
      const asked = await oauth.clientCredentialsGrantRequest(as, client, oauth.TlsClientAuth(), {}, byTls);
      const tokens = await oauth.processClientCredentialsResponse(as, client, asked);
      const told = await oauth.introspectionRequest(
        as,
        client,
        oauth.TlsClientAuth(),
        tokens.access_token,
        byTls,
      );
      const said = await oauth.processIntrospectionResponse(as, client, told);
      expect(said.cnf).toEqual({ 'x5t#S256': own.thumbprint });
      const revoked = await oauth.revocationRequest(
        as,
        client,
        oauth.TlsClientAuth(),
        tokens.access_token,
        byTls,
      );
      await oauth.processRevocationResponse(revoked);
    });

    it('openid-client: signs a person in', async () => {
      const config = await openid.discovery(
        new URL(at.issuer),
        'own',
        { use_mtls_endpoint_aliases: true },
        openid.TlsClientAuth(),
        { execute: [openid.allowInsecureRequests] },
      );
      const byTls = fetchWith(own, authority.cert);
      config[openid.customFetch] = (url, init) =>
        url.startsWith('https:') ? byTls(url, init as RequestInit) : fetch(url, init as RequestInit);
      const pkceCodeVerifier = openid.randomPKCECodeVerifier();
      const url = openid.buildAuthorizationUrl(config, {
        redirect_uri: 'https://own.example.com/cb',
        scope: 'openid profile',
        state: 'state',
        code_challenge: await openid.calculatePKCECodeChallenge(pkceCodeVerifier),
        code_challenge_method: 'S256',
      });
      const browser = at.newBrowser();
      const { leftFor } = await finish(at, browser, await browser.get(url.href));
      const checks = { pkceCodeVerifier, expectedState: 'state' };
      const tokens = await openid.authorizationCodeGrant(config, leftFor!, checks);
      const { sub } = tokens.claims()!;
      expect(await openid.fetchUserInfo(config, tokens.access_token, sub)).toMatchObject({
        sub,
        name: 'ada',
      });
    });
  });
});

describe('behind a proxy that passes certificates on (RFC 9440)', () => {
  let at: TestServer;
  let elsewhere: TestServer;

  beforeAll(async () => {
    const options = { store: 'sqlite', clientAuthorities: authority.cert } as const;
    at = await startTestServer({
      ...options,
      config: { client_cert_header: true, trusted_proxies: ['127.0.0.1', '::1'] },
    });
    elsewhere = await startTestServer({
      ...options,
      config: { client_cert_header: true, trusted_proxies: ['10.0.0.0/8'] },
    });
    await registerClients(at);
    await registerClients(elsewhere);
  });
  afterAll(async () => {
    await at?.close();
    await elsewhere?.close();
  });

  const ask = (client_id: string, header: string | undefined, of = at): Promise<Answer> =>
    requestToken(of, { ...grant, client_id }, undefined, {
      headers: header === undefined ? {} : { 'client-cert': header },
    });

  it.each<[string, number, () => Promise<Answer>]>([
    ['no header', 401, () => ask('own', undefined)],
    ['an untrusted peer', 401, () => ask('own', clientCertHeader(own), elsewhere)],
    ['another certificate', 401, () => ask('own', clientCertHeader(others))],
    ['§2.2: two certificates', 400, () => ask('own', `${clientCertHeader(own)}, ${clientCertHeader(own)}`)],
    ['§2.1: PEM', 400, () => ask('own', encodeURIComponent(own.cert))],
    ['§2.1: parameters', 400, () => ask('own', `${clientCertHeader(own)};a=1`)],
    ['§2.1: no certificate', 400, () => ask('own', ':AAAA:')],
    [
      '§2.1: bytes behind it',
      400,
      () => ask('own', clientCertHeader({ der: Buffer.concat([own.der, Buffer.of(0)]) })),
    ],
    [
      'RFC 8705 §2.1: the right subject, self-signed',
      401,
      async () =>
        ask('billing', clientCertHeader(await selfSigned({ subject: 'C=SE, O=Example, CN=billing' }))),
    ],
    [
      'RFC 8705 §2.1: the right subject, from an authority of the same name',
      401,
      async () =>
        ask(
          'billing',
          clientCertHeader(await foreignAuthority.issue({ subject: 'C=SE, O=Example, CN=billing' })),
        ),
    ],
    [
      'RFC 5280 §4.2.1.12: a certificate for servers only',
      401,
      async () =>
        ask(
          'billing',
          clientCertHeader(
            await authority.issue({ subject: 'C=SE, O=Example, CN=billing', uses: ['1.3.6.1.5.5.7.3.1'] }),
          ),
        ),
    ],
    [
      'expired',
      401,
      async () =>
        ask(
          'billing',
          clientCertHeader(
            await authority.issue({
              subject: 'C=SE, O=Example, CN=billing',
              notAfter: new Date(Date.now() - 1000),
            }),
          ),
        ),
    ],
  ])('refuses %s', async (_what, expected, request) => {
    const { status, body } = await request();
    expect(status).toBe(expected);
    expect(body).toMatchObject({ error: expected === 401 ? 'invalid_client' : 'invalid_request' });
  });

  it('takes the certificate of either kind, and binds the token', async () => {
    for (const [client, identity] of [
      ['own', own],
      ['billing', billing],
    ] as const) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      const given = await ask(client, clientCertHeader(identity));
      expect(given.status).toBe(200);
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      const said = await introspect(at, String(given.body['access_token']));
      expect(said.body).toMatchObject({ cnf: { 'x5t#S256': identity.thumbprint } });
    }
  });

  it('lists the methods, and no other addresses', async () => {
    const document = await read(await fetch(`${at.base}/.well-known/openid-configuration`));
    expect(document.body['token_endpoint_auth_methods_supported']).toContain('tls_client_auth');
    expect(document.body).not.toHaveProperty('mtls_endpoint_aliases');
  });
});

it('a server that never asks for certificates offers no such method', async () => {
  const at = await startTestServer({ store: 'sqlite' });
  await registerClients(at);
  const document = await read(await fetch(`${at.base}/.well-known/openid-configuration`));
  expect(document.body['token_endpoint_auth_methods_supported']).not.toContain('self_signed_tls_client_auth');
  expect(document.body).not.toHaveProperty('tls_client_certificate_bound_access_tokens');
  const headers = { 'client-cert': clientCertHeader(own) };
  expect((await requestToken(at, { ...grant, client_id: 'own' }, undefined, { headers })).status).toBe(401);
  await at.close();
});
