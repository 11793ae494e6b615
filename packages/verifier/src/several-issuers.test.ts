import { randomBytes } from 'node:crypto';
import { createTokenString } from '@tessera/tokens';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  AUDIENCE,
  INTROSPECTION_PATH,
  NOW,
  startAuthorizationServer,
} from '../testing/authorization-server.ts';
import type { TestAuthorizationServer } from '../testing/authorization-server.ts';
import { TokenError } from './token-error.ts';
import { createVerifier } from './verifier.ts';
import type { Verifier } from './verifier.ts';

const OTHER_AUDIENCE = 'https://music.other.example/';
let first: TestAuthorizationServer;
let second: TestAuthorizationServer;
let verifier: Verifier;

const credentials = { clientId: 'api', clientSecret: 'secret' };

beforeAll(async () => {
  [first, second] = await Promise.all([startAuthorizationServer(), startAuthorizationServer()]);
});
afterAll(() => Promise.all([first.close(), second.close()]));
beforeEach(() => {
  for (const server of [first, second]) {
    server.hits.clear();
    server.answers.clear();
    server.tokens.clear();
  }
  verifier = createVerifier({
    audience: AUDIENCE,
    clock: () => NOW,
    issuers: [
      { issuer: first.issuer, ...credentials },
      { issuer: second.issuer, audience: OTHER_AUDIENCE, ...credentials },
    ],
  });
});

async function outcome(token: string, by = verifier): Promise<string> {
  try {
    return (await by.verify(token)).iss;
  } catch (error) {
    if (error instanceof TokenError) return error.code;
    throw error;
  }
}

/** An opaque token of one of the two. */
function opaque(server: TestAuthorizationServer, aud: string, begin = ''): string {
  const token = begin + createTokenString('at', randomBytes).slice(begin.length);
  server.tokens.set(token, { active: true, ...server.claims({ aud }) });
  return token;
}

describe('a JWT', () => {
  it('of a third issuer is refused, and nobody is asked (RFC 9068 §4)', async () => {
    expect(await outcome(first.sign({ iss: 'https://third.example' }))).toBe('wrong_issuer');
    expect(await outcome(first.sign({ iss: `${first.issuer}/` }))).toBe('wrong_issuer');
    expect(await outcome(first.sign({ iss: [first.issuer] }))).toBe('invalid_claims');
    expect(await outcome(first.sign({ iss: undefined }))).toBe('invalid_claims');
    expect([first.hits.size, second.hits.size]).toEqual([0, 0]);
  });

  it('is held to the keys of the issuer that it names, and of no other', async () => {
    const forged = first.sign({ iss: second.issuer, aud: OTHER_AUDIENCE });
    expect(await outcome(forged)).toBe('unknown_key');
    expect(first.hits.size).toBe(0);
  });

  it('is held to the audience of its issuer', async () => {
    expect(await outcome(first.sign({ aud: OTHER_AUDIENCE }))).toBe('wrong_audience');
    expect(await outcome(second.sign({ aud: AUDIENCE }))).toBe('wrong_audience');
  });

  it('passes, and the answer says whose it is', async () => {
    expect(await outcome(first.sign())).toBe(first.issuer);
    expect(await outcome(second.sign({ aud: OTHER_AUDIENCE }))).toBe(second.issuer);
  });
});

describe('an opaque token', () => {
  it('is asked about in turn, until one issuer knows it', async () => {
    expect(await outcome(opaque(first, AUDIENCE))).toBe(first.issuer);
    expect(second.hits.size).toBe(0);
    expect(await outcome(opaque(second, OTHER_AUDIENCE))).toBe(second.issuer);
    expect(await outcome(createTokenString('at', randomBytes))).toBe('unknown_token');
  });

  it('is held to the audience of the issuer that knows it', async () => {
    expect(await outcome(opaque(second, AUDIENCE))).toBe('wrong_audience');
  });

  it('that nobody knows while one issuer cannot be asked may still be good: 503, not 401', async () => {
    first.answers.set(INTROSPECTION_PATH, (res) => void res.writeHead(500).end());
    expect(await outcome(createTokenString('at', randomBytes))).toBe('unavailable');
    expect(await outcome(opaque(second, OTHER_AUDIENCE))).toBe(second.issuer);
  });

  it('goes to the issuer of its beginning only', async () => {
    verifier = createVerifier({
      audience: AUDIENCE,
      clock: () => NOW,
      issuers: [
        { issuer: first.issuer, ...credentials },
        { issuer: second.issuer, ...credentials, opaquePrefix: 'other.' },
      ],
    });
    expect(await outcome(opaque(second, AUDIENCE, 'other.'))).toBe(second.issuer);
    expect(first.hits.size).toBe(0);
    second.hits.clear();
    expect(await outcome(opaque(second, AUDIENCE))).toBe('unknown_token');
    expect(second.hits.size).toBe(0);
    expect(await outcome('neither_one')).toBe('malformed_token');
  });

  it('of an issuer that may not be asked is refused', async () => {
    verifier = createVerifier({
      audience: AUDIENCE,
      clock: () => NOW,
      issuers: [
        { issuer: first.issuer, opaquePrefix: 'one_' },
        { issuer: second.issuer, ...credentials },
      ],
    });
    expect(await outcome(opaque(first, AUDIENCE, 'one_'))).toBe('malformed_token');
    expect([first.hits.size, second.hits.size]).toEqual([0, 0]);
  });
});

describe('createVerifier refuses', () => {
  const issuer = 'https://id.example';
  it.each<[string, Parameters<typeof createVerifier>[0]]>([
    ['one issuer twice', { audience: AUDIENCE, issuers: [{ issuer }, { issuer }] }],
    ['an issuer without audience', { issuers: [{ issuer }] }],
    ['an empty audience', { audience: AUDIENCE, issuers: [{ issuer, audience: '' }] }],
    ['an issuer that is no URL', { audience: AUDIENCE, issuers: [{ issuer: 'id' }] }],
    ['half of the credentials', { audience: AUDIENCE, issuers: [{ issuer, clientId: 'api' }] }],
    ['an empty prefix', { audience: AUDIENCE, issuers: [{ issuer, opaquePrefix: '' }] }],
    ['no issuer', { audience: AUDIENCE, issuers: [] as never }],
  ])('%s', (_, options) => {
    expect(() => createVerifier(options)).toThrow(TypeError);
  });
});
