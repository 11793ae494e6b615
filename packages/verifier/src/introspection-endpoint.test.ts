import { createHash, randomBytes } from 'node:crypto';
import { createTokenString } from '@tessera/tokens';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  AUDIENCE,
  INTROSPECTION_PATH,
  NOW,
  sendJson,
  startAuthorizationServer,
} from '../testing/authorization-server.ts';
import type { TestAuthorizationServer } from '../testing/authorization-server.ts';
import { basicCredentials } from './introspection-endpoint.ts';
import { TokenError } from './token-error.ts';
import { createVerifier } from './verifier.ts';
import type { Verifier } from './verifier.ts';

const decode = (value: string) => Buffer.from(value.slice('Basic '.length), 'base64').toString('utf8');

describe('basicCredentials (RFC 6749 §2.3.1)', () => {
  it('gives the header of the RFC', () => {
    expect(basicCredentials({ clientId: 's6BhdRkqt3', clientSecret: '7Fjfp0ZBr1KtDRbnfVdmIw' })).toBe(
      'Basic czZCaGRSa3F0Mzo3RmpmcDBaQnIxS3REUmJuZlZkbUl3',
    );
  });
  it('form-encodes both halves, so that a colon or a plus arrives as what it is', () => {
    expect(
      decode(basicCredentials({ clientId: 'https://app.example/a b', clientSecret: 'p:+%&=\u00e9' })),
    ).toBe('https%3A%2F%2Fapp.example%2Fa+b:p%3A%2B%25%26%3D%C3%A9');
  });
});

let server: TestAuthorizationServer;
let verifier: Verifier;
let now = NOW;

beforeAll(async () => {
  server = await startAuthorizationServer();
});
afterAll(() => server.close());
beforeEach(() => {
  now = NOW;
  server.answers.clear();
  server.hits.clear();
  verifier = newVerifier(0);
});

function newVerifier(introspectionCacheSeconds: number): Verifier {
  return createVerifier({
    issuer: server.issuer,
    audience: AUDIENCE,
    clientId: 'api',
    clientSecret: 'secret',
    clock: () => now,
    introspectionCacheSeconds,
  });
}

function opaque(): string {
  const token = createTokenString('at', randomBytes);
  server.tokens.set(token, { active: true, ...server.claims() });
  return token;
}

async function outcome(token: string): Promise<string> {
  try {
    await verifier.verify(token);
    return 'passed';
  } catch (error) {
    if (error instanceof TokenError) return error.code;
    throw error;
  }
}

const asked = () => server.hits.get(INTROSPECTION_PATH) ?? 0;

/** Holds answers back; each tells how things stand when its question arrives. */
function holdAnswers(): { readonly arrived: (count: number) => Promise<void>; release(): void } {
  const release = Promise.withResolvers<void>();
  let count = 0;
  const waiting: (() => void)[] = [];
  server.answers.set(INTROSPECTION_PATH, (res, _req, body) => {
    const answer = server.tokens.get(new URLSearchParams(body).get('token') ?? '') ?? { active: false };
    count++;
    for (const each of waiting) each();
    void release.promise.then(() => sendJson(res, answer));
  });
  return {
    arrived: (wanted) =>
      new Promise((resolve) => {
        const look = (): void => {
          if (count >= wanted) resolve();
        };
        waiting.push(look);
        look();
      }),
    release: () => release.resolve(),
  };
}

describe('who used a token', () => {
  const from = (ip: string): object => ({ client: { ip } });
  const use = async (token: string, client: object = {}): Promise<string> => {
    const headers = { authorization: `Bearer ${token}` };
    return verifier.verify({ method: 'GET', headers, ...client }).then(
      () => 'passed',
      (error: unknown) => (error instanceof TokenError ? error.code : 'broken'),
    );
  };
  /** Good from one address only. */
  const personal = (good: string): string => {
    const token = createTokenString('pat', randomBytes);
    server.answers.set(INTROSPECTION_PATH, (res, _req, body) => {
      const isGood = new URLSearchParams(body).get('caller_address') === good;
      sendJson(res, isGood ? { active: true, ...server.claims() } : { active: false });
    });
    return token;
  };

  it('is not told of tokens that are not judged by their use, nor where it is not known', async () => {
    expect(await use(opaque(), from('192.0.2.1'))).toBe('passed');
    expect(server.lastIntrospection?.body).not.toContain('caller_address');
    const token = createTokenString('pat', randomBytes);
    await use(token);
    expect(server.lastIntrospection?.body).not.toContain('caller_address');
  });

  it.each([0, 60])(
    'counts for the answer, which serves nobody else (remembered for %i s)',
    async (seconds) => {
      verifier = newVerifier(seconds);
      const token = personal('192.0.2.1');
      const all = ['192.0.2.1', '192.0.2.2', '192.0.2.1', '192.0.2.2'].map((ip) => use(token, from(ip)));
      expect(await Promise.all(all)).toEqual(['passed', 'unknown_token', 'passed', 'unknown_token']);
      expect(await use(token)).toBe('unknown_token');
      expect(await use(token, from('192.0.2.1'))).toBe('passed');
      expect(await use(token, from('192.0.2.2'))).toBe('unknown_token');
    },
  );

  it('is forgotten with the token, whatever the address was', async () => {
    verifier = newVerifier(60);
    const token = personal('192.0.2.1');
    expect(await use(token, from('192.0.2.1'))).toBe('passed');
    server.answers.set(INTROSPECTION_PATH, (res) => sendJson(res, { active: false }));
    expect(await use(token, from('192.0.2.1'))).toBe('passed');
    verifier.forget(new Uint8Array(createHash('sha256').update(token).digest()));
    expect(await use(token, from('192.0.2.1'))).toBe('unknown_token');
  });
});

describe('questions under way', () => {
  it('serve all who ask about the same token at the same time', async () => {
    const token = opaque();
    const outcomes = await Promise.all(Array.from({ length: 50 }, () => outcome(token)));
    expect(new Set(outcomes)).toEqual(new Set(['passed']));
    expect(asked()).toBe(1);
  });

  it('serve nobody with another token', async () => {
    const [good, bad] = [opaque(), createTokenString('at', randomBytes)];
    expect(await Promise.all([outcome(good), outcome(bad)])).toEqual(['passed', 'unknown_token']);
    expect(asked()).toBe(2);
  });

  it('serve nobody who comes later', async () => {
    const token = opaque();
    const held = holdAnswers();
    const first = outcome(token);
    await held.arrived(1);
    server.tokens.set(token, { active: false, tessera_reason: 'revoked' });
    now += 50;
    const second = outcome(token);
    await held.arrived(2);
    held.release();
    expect(await Promise.all([first, second])).toEqual(['passed', 'revoked']);
  });

  it('serve nobody who comes after a revocation', async () => {
    const token = opaque();
    const held = holdAnswers();
    const first = outcome(token);
    await held.arrived(1);
    server.tokens.set(token, { active: false, tessera_reason: 'revoked' });
    verifier.forget(new Uint8Array(32));
    const second = outcome(token);
    await held.arrived(2);
    held.release();
    expect(await Promise.all([first, second])).toEqual(['passed', 'revoked']);
  });

  it('leave nothing behind', async () => {
    const token = opaque();
    expect(await outcome(token)).toBe('passed');
    server.tokens.delete(token);
    expect(await outcome(token)).toBe('unknown_token');
  });
});

describe('an endpoint that keeps failing', () => {
  const fail = () => server.answers.set(INTROSPECTION_PATH, (res) => void res.writeHead(500).end());
  const failFiveTimes = async () => {
    fail();
    for (let round = 0; round < 5; round++) expect(await outcome(opaque())).toBe('unavailable');
  };

  it('is left alone after five times, and nothing passes: 503', async () => {
    await failFiveTimes();
    server.answers.clear();
    for (let round = 0; round < 20; round++) expect(await outcome(opaque())).toBe('unavailable');
    expect(asked()).toBe(5);
  });

  it('is tried once after two seconds, and all goes on when that succeeds', async () => {
    await failFiveTimes();
    server.answers.clear();
    now += 1999;
    expect(await outcome(opaque())).toBe('unavailable');
    now += 1;
    expect(await outcome(opaque())).toBe('passed');
    expect(await outcome(opaque())).toBe('passed');
    expect(asked()).toBe(7);
  });

  it('is tried by one alone; when that fails, another two seconds pass', async () => {
    await failFiveTimes();
    now += 2000;
    const outcomes = await Promise.all(Array.from({ length: 10 }, () => outcome(opaque())));
    expect(new Set(outcomes)).toEqual(new Set(['unavailable']));
    expect(asked()).toBe(6);
    server.answers.clear();
    now += 1999;
    expect(await outcome(opaque())).toBe('unavailable');
    now += 1;
    expect(await outcome(opaque())).toBe('passed');
  });

  it('is not one that fails now and then', async () => {
    for (let round = 0; round < 12; round++) {
      if (round % 4 === 3) server.answers.clear();
      else fail();
      expect(await outcome(opaque())).toBe(round % 4 === 3 ? 'passed' : 'unavailable');
    }
    expect(asked()).toBe(12);
  });

  it('does not end what is remembered before its time', async () => {
    verifier = newVerifier(60);
    const token = opaque();
    expect(await outcome(token)).toBe('passed');
    await failFiveTimes();
    now = NOW + 59_999;
    expect(await outcome(token)).toBe('passed');
    now = NOW + 60_000;
    expect(await outcome(token)).toBe('unavailable');
  });

  it('does not touch JWTs', async () => {
    await failFiveTimes();
    expect(await outcome(server.sign())).toBe('passed');
  });
});
