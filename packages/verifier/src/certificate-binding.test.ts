import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer as createPlainServer } from 'node:http';
import { createServer } from 'node:https';
import type { Server } from 'node:net';
import { createTokenString } from '@tessera/tokens';
import Fastify from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type Authority,
  clientCertHeader,
  createAuthority,
  fetchWith,
  type Identity,
  selfSigned,
} from '../../../test/certificates.ts';
import { AUDIENCE, NOW, startAuthorizationServer } from '../testing/authorization-server.ts';
import type { TestAuthorizationServer } from '../testing/authorization-server.ts';
import * as fastifyAdapter from './adapters/fastify.ts';
import * as nodeAdapter from './adapters/node.ts';
import { createTrustedPeers } from './trusted-peers.ts';
import { createVerifier } from './verifier.ts';
import type { Verifier } from './verifier.ts';

let issuer: TestAuthorizationServer;
let authority: Authority;
let bound: Identity;
let other: Identity;
let expired: Identity;
const around = { notBefore: new Date(NOW - 86_400_000), notAfter: new Date(NOW + 86_400_000) };
const running: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  issuer = await startAuthorizationServer();
  authority = await createAuthority();
  bound = await selfSigned(around);
  other = await selfSigned(around);
  expired = await selfSigned({ ...around, notAfter: new Date(NOW) });
});
afterAll(async () => {
  await Promise.all(running.map((stop) => stop()));
  await issuer.close();
});

function newVerifier(clientCertHeaderFrom?: readonly string[]): Verifier {
  return createVerifier({
    issuer: issuer.issuer,
    audience: AUDIENCE,
    clientId: 'api',
    clientSecret: 'secret',
    introspectionCacheSeconds: 60,
    clock: () => NOW,
    ...(clientCertHeaderFrom === undefined ? {} : { mutualTls: { clientCertHeaderFrom } }),
  });
}

/** Both formats, bound to a certificate. */
const FORMATS = [
  ['jwt', ({ thumbprint }: Identity) => issuer.sign({ cnf: { 'x5t#S256': thumbprint } })],
  [
    'opaque',
    ({ thumbprint }: Identity) => {
      const token = createTokenString('at', randomBytes);
      const { jti: _, ...claims } = issuer.claims();
      issuer.tokens.set(token, { active: true, ...claims, cnf: { 'x5t#S256': thumbprint } });
      return token;
    },
  ],
] as const;

async function portOf(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  running.push(() => new Promise((resolve) => server.close(resolve)));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

async function tlsOptions() {
  const { cert, key } = await authority.issue({ names: [{ type: 'dns', value: 'localhost' }] });
  return { cert, key, requestCert: true, rejectUnauthorized: false };
}

const ADAPTERS = [
  [
    'node',
    async () => {
      const middleware = nodeAdapter.protect({ verifier: newVerifier() });
      const server = createServer(await tlsOptions(), (req: nodeAdapter.ProtectableRequest, res) => {
        void middleware(req, res, () => res.end(req.accessToken?.sub));
      });
      return `https://localhost:${await portOf(server)}/me`;
    },
  ],
  [
    'fastify',
    async () => {
      const app = Fastify({ https: await tlsOptions() });
      app.get('/me', { onRequest: fastifyAdapter.protect({ verifier: newVerifier() }) }, (request) => {
        return request.accessToken?.sub;
      });
      const origin = await app.listen({ port: 0, host: '127.0.0.1' });
      running.push(() => app.close());
      return `${origin.replace('127.0.0.1', 'localhost')}/me`;
    },
  ],
] as const;

describe.each(ADAPTERS)('a certificate-bound token at an API by TLS, %s', (_adapter, start) => {
  let url: string;
  beforeAll(async () => {
    url = await start();
  });

  async function call(token: string, identity: Identity | undefined, headers = {}): Promise<Response> {
    const authorization = `Bearer ${token}`;
    return fetchWith(identity, authority.cert)(url, { headers: { authorization, ...headers } });
  }

  describe.each(FORMATS)('%s', (_format, issue) => {
    it.each<[string, () => [Identity | undefined, Record<string, string>?], string]>([
      ['RFC 8705 §3: without a certificate', () => [undefined], 'shows none'],
      ['RFC 8705 §3: with another certificate', () => [other], 'another certificate'],
      [
        'RFC 9440 §4: with its certificate in a header that anyone can send',
        () => [undefined, { 'client-cert': clientCertHeader(bound) }],
        'shows none',
      ],
      [
        'RFC 9440 §4: with its certificate in a header beside another one of the connection',
        () => [other, { 'client-cert': clientCertHeader(bound) }],
        'another certificate',
      ],
    ])('%s', async (_what, presenting, reason) => {
      const [identity, headers] = presenting();
      const answer = await call(issue(bound), identity, headers);
      expect(answer.status).toBe(401);
      expect(answer.headers.get('www-authenticate')).toContain('error="invalid_token"');
      expect(await answer.text()).toContain(reason);
    });

    it('RFC 8705 §3: with its certificate when that is not in force any more', async () => {
      expect((await call(issue(expired), expired)).status).toBe(401);
    });

    it('RFC 9449 §7.1: sent as DPoP', async () => {
      const authorization = `DPoP ${issue(bound)}`;
      const answer = await fetchWith(bound, authority.cert)(url, { headers: { authorization } });
      expect(answer.status).toBe(401);
    });

    it('passes with its certificate, and not for the next one who asks without', async () => {
      const token = issue(bound);
      expect((await call(token, bound)).status).toBe(200);
      expect((await call(token, undefined)).status).toBe(401);
      expect((await call(token, bound)).status).toBe(200);
    });
  });

  it('leaves bearer tokens alone', async () => {
    expect((await call(issuer.sign(), undefined)).status).toBe(200);
    expect((await call(issuer.sign(), bound)).status).toBe(200);
  });
});

describe('behind a proxy (RFC 9440)', () => {
  async function api(proxies: readonly string[]): Promise<string> {
    const middleware = nodeAdapter.protect({ verifier: newVerifier(proxies) });
    const server = createPlainServer((req: nodeAdapter.ProtectableRequest, res) => {
      void middleware(req, res, () => res.end(req.accessToken?.sub));
    });
    return `http://127.0.0.1:${await portOf(server)}/me`;
  }

  async function statusOf(url: string, headers: Record<string, string | readonly string[]>): Promise<number> {
    const flat = Object.entries(headers).flatMap(([name, value]) =>
      [value].flat().map((one): [string, string] => [name, one]),
    );
    const { status } = await fetch(url, { headers: flat });
    return status;
  }

  it.each<[string, () => Record<string, string | readonly string[]>]>([
    ['§2.2: without the header', () => ({})],
    ['§2.2: two headers', () => ({ 'client-cert': [clientCertHeader(bound), clientCertHeader(bound)] })],
    ['§2.2: a list', () => ({ 'client-cert': `${clientCertHeader(bound)}, ${clientCertHeader(bound)}` })],
    ['§2.2: another certificate', () => ({ 'client-cert': clientCertHeader(other) })],
    ['§2.1: PEM, URL-encoded', () => ({ 'client-cert': encodeURIComponent(bound.cert) })],
    ['§2.1: without colons', () => ({ 'client-cert': bound.der.toString('base64') })],
    ['§2.1: in base64url', () => ({ 'client-cert': `:${bound.der.toString('base64url')}:` })],
    ['§2.1: with parameters', () => ({ 'client-cert': `${clientCertHeader(bound)};a=1` })],
    [
      '§2.1: with bytes behind it',
      () => ({ 'client-cert': clientCertHeader({ der: Buffer.concat([bound.der, Buffer.of(0)]) }) }),
    ],
    [
      '§2.1: PEM in place of DER',
      () => ({ 'client-cert': clientCertHeader({ der: Buffer.from(bound.cert) }) }),
    ],
    [
      'another header of the kind (XFCC)',
      () => ({ 'x-forwarded-client-cert': `Cert="${encodeURIComponent(bound.cert)}"` }),
    ],
    ['an underscore in the name', () => ({ client_cert: clientCertHeader(bound) })],
  ])('refuses %s', async (_what, headers) => {
    const url = await api(['127.0.0.1']);
    const authorization = `Bearer ${FORMATS[0][1](bound)}`;
    expect(await statusOf(url, { authorization, ...headers() })).toBe(401);
  });

  it('believes the proxies that are named, and nobody else', async () => {
    const authorization = `Bearer ${FORMATS[0][1](bound)}`;
    const headers = { authorization, 'client-cert': clientCertHeader(bound) };
    expect(await statusOf(await api(['127.0.0.0/8']), headers)).toBe(200);
    expect(await statusOf(await api(['10.0.0.0/8']), headers)).toBe(401);
    expect(await statusOf(await api([]), headers)).toBe(401);
  });
});

describe('addresses of proxies', () => {
  it.each(['', 'localhost', '10.0.0.0/33', '10.0.0.0/', '10.0.0.0/8/8', '::1/129', '10.0.0.0/-1', '10.0.0'])(
    'refuse %j',
    (network) => {
      expect(() => createTrustedPeers([network])).toThrow(TypeError);
    },
  );

  it('are single ones or networks of both families', () => {
    const isTrusted = createTrustedPeers(['10.0.0.0/8', '192.0.2.1', 'fd00::/8']);
    for (const address of ['10.1.2.3', '::ffff:10.1.2.3', '192.0.2.1', 'fd12::1']) {
      expect(isTrusted(address)).toBe(true);
    }
    for (const address of [undefined, '', '11.0.0.1', '192.0.2.2', 'fe80::1', '::ffff:11.0.0.1', 'x']) {
      expect(isTrusted(address)).toBe(false);
    }
  });
});
