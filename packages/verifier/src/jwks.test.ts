import { createJwkSet, generateSigningKey } from '@tessera/tokens';
import type { GeneratedSigningKey } from '@tessera/tokens';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  AUDIENCE,
  JWKS_PATH,
  METADATA_PATH,
  NOW,
  sendJson,
  startAuthorizationServer,
} from '../testing/authorization-server.ts';
import type { TestAuthorizationServer } from '../testing/authorization-server.ts';
import { TokenError } from './token-error.ts';
import { createVerifier } from './verifier.ts';
import type { Verifier } from './verifier.ts';

let server: TestAuthorizationServer;
let keys: GeneratedSigningKey[];
let now = NOW;
let verifier: Verifier;

beforeAll(async () => {
  server = await startAuthorizationServer();
  keys = await Promise.all([
    generateSigningKey('ES256'),
    generateSigningKey('ES256'),
    generateSigningKey('RS256'),
  ]);
});
afterAll(() => server.close());
beforeEach(() => {
  now = NOW;
  server.keys = [keys[0]!];
  server.answers.clear();
  server.hits.clear();
  verifier = createVerifier({
    issuer: server.issuer,
    audience: AUDIENCE,
    clock: () => now,
    timeoutSeconds: 1,
  });
});

const fetches = () => server.hits.get(JWKS_PATH) ?? 0;
const sign = (index: number) => server.sign({}, { key: keys[index]! });
const outage = () => server.answers.set(JWKS_PATH, (res) => void res.destroy());

async function outcome(token: string): Promise<string> {
  try {
    await verifier.verify(token);
  } catch (error) {
    if (error instanceof TokenError) return error.code;
    throw error;
  }
  return 'passed';
}

describe('discovery refuses', () => {
  it.each<[string, (issuer: string) => object]>([
    ['metadata of another issuer (RFC 8414 §3.3)', () => ({ issuer: 'https://evil.example' })],
    ['an issuer that differs by a slash', (issuer) => ({ issuer: `${issuer}/` })],
    ['metadata without issuer', () => ({ issuer: undefined })],
    ['metadata without jwks_uri', () => ({ jwks_uri: undefined })],
    ['a jwks_uri that is no URL', () => ({ jwks_uri: '/jwks' })],
    ['a jwks_uri of another scheme', () => ({ jwks_uri: 'file:///etc/passwd' })],
  ])('%s', async (_, change) => {
    const { issuer } = server;
    server.answers.set(METADATA_PATH, (res) =>
      sendJson(res, { issuer, jwks_uri: issuer + JWKS_PATH, ...change(issuer) }),
    );
    expect(await outcome(sign(0))).toBe('unavailable');
    expect(fetches()).toBe(0);
  });

  it('a redirect', async () => {
    server.answers.set(METADATA_PATH, (res) => void res.writeHead(302, { location: '/elsewhere' }).end());
    expect(await outcome(sign(0))).toBe('unavailable');
    expect(server.hits.get('/elsewhere')).toBeUndefined();
  });

  it('http addresses of an https issuer', async () => {
    const issuer = 'https://id.example';
    const asked: string[] = [];
    verifier = createVerifier({
      issuer,
      audience: AUDIENCE,
      clock: () => now,
      fetch: (url) => {
        asked.push(url);
        return Promise.resolve(Response.json({ issuer, jwks_uri: 'http://id.example/jwks' }));
      },
    });
    expect(await outcome(server.sign({ iss: issuer }))).toBe('unavailable');
    expect(asked).toEqual(['https://id.example/.well-known/oauth-authorization-server']);
  });

  it('looks between host and path when the issuer has one (RFC 8414 §3.1)', async () => {
    const asked: string[] = [];
    verifier = createVerifier({
      issuer: 'https://id.example/tenant/',
      audience: AUDIENCE,
      clock: () => now,
      fetch: (url) => {
        asked.push(url);
        return Promise.reject(new Error('offline'));
      },
    });
    expect(await outcome(server.sign({ iss: 'https://id.example/tenant/' }))).toBe('unavailable');
    expect(asked).toEqual(['https://id.example/.well-known/oauth-authorization-server/tenant']);
  });
});

describe('a key set is refused', () => {
  it.each<[string, () => void]>([
    ['that is no JSON', () => server.answers.set(JWKS_PATH, (res) => void res.end('keys'))],
    ['that is no set', () => server.answers.set(JWKS_PATH, (res) => sendJson(res, { keys: 'all' }))],
    [
      'that comes by redirect',
      () => server.answers.set(JWKS_PATH, (res) => void res.writeHead(301, { location: '/k' }).end()),
    ],
    [
      'of more than 512 kB',
      () =>
        server.answers.set(JWKS_PATH, (res) =>
          sendJson(res, { ...createJwkSet([keys[0]!.publicJwk]), pad: ' '.repeat(524_288) }),
        ),
    ],
    [
      'that holds a private key',
      () =>
        server.answers.set(JWKS_PATH, (res) =>
          sendJson(res, { keys: [{ ...keys[0]!.publicJwk, d: 'AQAB' }] }),
        ),
    ],
  ])('%s', async (_, breakIt) => {
    breakIt();
    expect(await outcome(sign(0))).toBe('unavailable');
    expect(server.hits.get('/k')).toBeUndefined();
  });

  it('but one of 500 kB is not', async () => {
    server.answers.set(JWKS_PATH, (res) =>
      sendJson(res, { ...createJwkSet([keys[0]!.publicJwk]), pad: ' '.repeat(512_000) }),
    );
    expect(await outcome(sign(0))).toBe('passed');
  });
});

describe('keys', () => {
  it('are fetched once for all who wait for them', async () => {
    const outcomes = await Promise.all(Array.from({ length: 20 }, () => outcome(sign(0))));
    expect(new Set(outcomes)).toEqual(new Set(['passed']));
    expect(fetches()).toBe(1);
    expect(server.hits.get(METADATA_PATH)).toBe(1);
  });

  it('are not asked for again while an answer is on its way, however long it takes', async () => {
    const asked = Promise.withResolvers<void>();
    const release = Promise.withResolvers<void>();
    server.answers.set(JWKS_PATH, (res) => {
      asked.resolve();
      void release.promise.then(() => sendJson(res, createJwkSet([keys[0]!.publicJwk])));
    });
    const first = outcome(sign(0));
    await asked.promise;
    now += 60_000;
    const second = outcome(sign(0));
    release.resolve();
    expect(await Promise.all([first, second])).toEqual(['passed', 'passed']);
    expect(fetches()).toBe(1);
  });

  it('of every algorithm verify', async () => {
    server.keys = [keys[0]!, keys[2]!];
    expect(await outcome(sign(0))).toBe('passed');
    expect(await outcome(sign(2))).toBe('passed');
  });

  it('that are new are found at the first token signed with them', async () => {
    expect(await outcome(sign(0))).toBe('passed');
    now += 30_000;
    server.keys = [keys[0]!, keys[1]!];
    expect(await outcome(sign(1))).toBe('passed');
    expect(await outcome(sign(0))).toBe('passed');
    expect(fetches()).toBe(2);
  });

  it('that are unknown cost the issuer one request in 30 s, however many tokens name them', async () => {
    expect(await outcome(sign(0))).toBe('passed');
    for (let second = 0; second < 60; second++) {
      now = NOW + second * 1000;
      expect(await outcome(sign(1))).toBe('unknown_key');
    }
    expect(fetches()).toBe(2);
  });

  it('that were taken back stop verifying within five minutes', async () => {
    expect(await outcome(sign(0))).toBe('passed');
    server.keys = [keys[1]!];
    now += 299_999;
    const token = server.sign({ exp: NOW / 1000 + 7200 }, { key: keys[0]! });
    expect(await outcome(token)).toBe('passed');
    now += 1;
    expect(await outcome(token)).toBe('unknown_key');
  });

  it('go on through an outage, and an unknown one is not let in', async () => {
    const token = server.sign({ exp: NOW / 1000 + 7200 }, { key: keys[0]! });
    expect(await outcome(token)).toBe('passed');
    outage();
    for (const minutes of [6, 7, 30, 90]) {
      now = NOW + minutes * 60_000;
      expect(await outcome(token)).toBe('passed');
      expect(await outcome(server.sign({ exp: NOW / 1000 + 7200 }, { key: keys[1]! }))).toBe('unavailable');
    }
    server.answers.clear();
    now += 30_000;
    expect(await outcome(server.sign({ exp: NOW / 1000 + 7200 }, { key: keys[1]! }))).toBe('unknown_key');
  });

  it('go on through an outage without waiting for it', async () => {
    const token = server.sign({ exp: NOW / 1000 + 7200 }, { key: keys[0]! });
    expect(await outcome(token)).toBe('passed');
    outage();
    now += 400_000;
    expect(await outcome(token)).toBe('passed');
    const before = fetches();
    for (let round = 0; round < 20; round++) expect(await outcome(token)).toBe('passed');
    expect(fetches()).toBe(before);
  });

  it('that could not be had at first are asked for again after a second, not for every request', async () => {
    outage();
    for (let round = 0; round < 5; round++) expect(await outcome(sign(0))).toBe('unavailable');
    expect(fetches()).toBe(1);
    server.answers.clear();
    now += 1000;
    expect(await outcome(sign(0))).toBe('passed');
  });
});

describe('keys given as a function', () => {
  let published: readonly object[];
  let reads: number;
  beforeEach(() => {
    published = [keys[0]!.publicJwk];
    reads = 0;
    verifier = createVerifier({
      issuer: server.issuer,
      audience: AUDIENCE,
      clock: () => now,
      jwks: () => {
        reads++;
        return Promise.resolve({ keys: [...published] });
      },
    });
  });

  it('count from one token to the next, when they come and when they go', async () => {
    expect(await outcome(sign(1))).toBe('unknown_key');
    published = [keys[0]!.publicJwk, keys[1]!.publicJwk];
    expect(await outcome(sign(1))).toBe('passed');
    published = [keys[1]!.publicJwk];
    expect(await outcome(sign(0))).toBe('unknown_key');
    expect(await outcome(sign(1))).toBe('passed');
    expect(reads).toBe(4);
  });

  it('that fail or are malformed let nothing pass', async () => {
    const options = { issuer: server.issuer, audience: AUDIENCE, clock: () => now };
    verifier = createVerifier({ ...options, jwks: () => Promise.reject(new Error('store is down')) });
    expect(await outcome(sign(0))).toBe('unavailable');
    verifier = createVerifier({ ...options, jwks: () => ({ keys: 7 }) });
    expect(await outcome(sign(0))).toBe('unavailable');
    verifier = createVerifier({ ...options, jwks: () => undefined });
    expect(await outcome(sign(0))).toBe('unavailable');
  });
});

describe('a clock that is set back', () => {
  it('does not put off the next try', async () => {
    now += 3_600_000;
    outage();
    expect(await outcome(sign(0))).toBe('unavailable');
    server.answers.clear();
    now -= 3_600_000;
    expect(await outcome(sign(0))).toBe('passed');
  });
  it('does not keep a key good that is not published any more', async () => {
    const token = server.sign({ exp: NOW / 1000 + 7200 }, { key: keys[0]! });
    now += 3_600_000;
    expect(await outcome(token)).toBe('passed');
    server.keys = [keys[1]!];
    now -= 3_600_000;
    expect(await outcome(token)).not.toBe('passed');
  });
});
