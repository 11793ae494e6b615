import { randomBytes } from 'node:crypto';
import { createTokenString, hashTokenString } from '@tessera/tokens';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  AUDIENCE,
  INTROSPECTION_PATH,
  NOW,
  startAuthorizationServer,
} from '../testing/authorization-server.ts';
import type { TestAuthorizationServer } from '../testing/authorization-server.ts';
import { tokenIdHash } from './revocation.ts';
import type { Forgetful, RevocationSource } from './revocation.ts';
import { TokenError } from './token-error.ts';
import { createVerifier } from './verifier.ts';
import type { Verifier } from './verifier.ts';

let server: TestAuthorizationServer;
let memory: Forgetful;
let verifier: Verifier;

const refused = (): never => {
  throw new TokenError('revoked');
};

function verifierWith(...checks: RevocationSource['check'][]): Verifier {
  const [first = () => undefined, ...others] = checks;
  return createVerifier({
    issuer: server.issuer,
    audience: AUDIENCE,
    clock: () => NOW,
    clientId: 'api',
    clientSecret: 'secret',
    introspectionCacheSeconds: 60,
    revocation: [{ check: first, start: (given) => (memory = given) }, ...others.map((check) => ({ check }))],
  });
}

beforeAll(async () => {
  server = await startAuthorizationServer();
});
afterAll(() => server.close());
beforeEach(() => {
  server.hits.clear();
  verifier = verifierWith();
});

function opaque(change: object = {}): string {
  const token = createTokenString('at', randomBytes);
  server.tokens.set(token, { active: true, ...server.claims(change) });
  return token;
}

async function outcome(token: string, by = verifier): Promise<string> {
  try {
    await by.verify(token);
    return 'passed';
  } catch (error) {
    if (error instanceof TokenError) return error.code;
    throw error;
  }
}

const formats: readonly [string, () => string][] = [
  ['jwt', () => server.sign()],
  ['opaque', () => opaque()],
];

describe.each(formats)('a source that knows of the end of a token: %s', (_, create) => {
  it.each<[string, RevocationSource['check'][]]>([
    ['at once', [refused]],
    ['after having asked', [() => Promise.reject(new TokenError('revoked'))]],
    ['after another one let it pass', [() => undefined, () => Promise.resolve(), refused]],
  ])('refuses it %s', async (__, checks) => {
    expect(await outcome(create(), verifierWith(...checks))).toBe('revoked');
  });

  it.each<[string, RevocationSource['check']]>([
    [
      'that throws',
      () => {
        throw new Error('lost');
      },
    ],
    ['that rejects', () => Promise.reject(new Error('lost'))],
  ])('and one %s lets nothing pass: 503', async (__, check) => {
    expect(await outcome(create(), verifierWith(check))).toBe('unavailable');
  });

  it('refuses it though it was remembered', async () => {
    const ended = new Set<string>();
    const token = create();
    const by = verifierWith((verified) => {
      if (ended.has(verified.token)) refused();
    });
    expect(await outcome(token, by)).toBe('passed');
    expect(await outcome(token, by)).toBe('passed');
    ended.add(token);
    expect(await outcome(token, by)).toBe('revoked');
  });

  it('is asked only about tokens that are good otherwise', async () => {
    let asked = 0;
    const by = verifierWith(() => void asked++);
    await outcome(server.sign({ aud: 'https://other.example/' }), by);
    await outcome(opaque({ active: false }), by);
    expect(asked).toBe(0);
    expect(await outcome(create(), by)).toBe('passed');
    expect(asked).toBe(1);
  });
});

describe('what a source forgets', () => {
  const asked = () => server.hits.get(INTROSPECTION_PATH) ?? 0;

  it.each<[string, (token: string) => void]>([
    ['a token', (token) => memory.forgetToken(hashTokenString(token))],
    ['a grant', () => memory.forgetGrant('grant-1')],
    ['everything', () => memory.forgetAll()],
  ])('is asked for again: %s', async (_, forget) => {
    const token = opaque({ grant_id: 'grant-1' });
    await outcome(token);
    await outcome(token);
    expect(asked()).toBe(1);
    forget(token);
    await outcome(token);
    expect(asked()).toBe(2);
  });

  it.each<[string, () => void]>([
    ['another token', () => memory.forgetToken(hashTokenString('another'))],
    ['another grant', () => memory.forgetGrant('grant-2')],
  ])('leaves the rest alone: %s', async (_, forget) => {
    const token = opaque({ grant_id: 'grant-1' });
    await outcome(token);
    forget();
    await outcome(token);
    expect(asked()).toBe(1);
  });

  it('is known by the hash that the server has of it', async () => {
    const [jwt, token] = [server.sign({ jti: 'token-7' }), opaque()];
    const idOf = async (presented: string) =>
      tokenIdHash({ token: presented, accessToken: await verifier.verify(presented) });
    expect(await idOf(jwt)).toEqual(hashTokenString('token-7'));
    expect(await idOf(token)).toEqual(hashTokenString(token));
  });
});

it('a source ends with its verifier', () => {
  let isOpen = false;
  const source = { check: () => undefined, start: () => (isOpen = true), close: () => (isOpen = false) };
  const by = createVerifier({ issuer: server.issuer, audience: AUDIENCE, revocation: [source] });
  expect(isOpen).toBe(true);
  by.close();
  expect(isOpen).toBe(false);
});
