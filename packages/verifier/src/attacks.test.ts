import { once } from 'node:events';
import { createServer } from 'node:http';
import { generateSigningKey } from '@tessera/tokens';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  AUDIENCE,
  JWKS_PATH,
  METADATA_PATH,
  NOW,
  startAuthorizationServer,
} from '../testing/authorization-server.ts';
import type { TestAuthorizationServer } from '../testing/authorization-server.ts';
import { jwtAttacks } from '../testing/jwt-attacks.ts';
import type { Attack } from '../testing/jwt-attacks.ts';
import { TokenError } from './token-error.ts';
import { createVerifier } from './verifier.ts';
import type { Verifier } from './verifier.ts';

let server: TestAuthorizationServer;
let attacks: readonly Attack[];
let verifier: Verifier;
let canaryHits = 0;

const canary = createServer((_req, res) => {
  canaryHits++;
  res.end('{"keys":[]}');
});

beforeAll(async () => {
  canary.listen(0, '127.0.0.1');
  const [started, rsaKey] = await Promise.all([
    startAuthorizationServer(),
    generateSigningKey('RS256'),
    once(canary, 'listening'),
  ]);
  server = started;
  server.keys.push(rsaKey);
  const address = canary.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  const material = {
    key: server.keys[0]!,
    rsaKey,
    claims: server.claims(),
    canary: `http://127.0.0.1:${port}`,
  };
  attacks = jwtAttacks(material);
  verifier = createVerifier({
    issuer: server.issuer,
    audience: AUDIENCE,
    clientId: 'api',
    clientSecret: 'secret',
    clock: () => NOW,
  });
});
afterAll(async () => {
  canary.close();
  await server.close();
});

/** As a request, and as a token alone: what a header cannot carry the verifier may be given all the same. */
async function outcomes(token: string): Promise<readonly string[]> {
  const request = { method: 'GET', url: '/', headers: { authorization: `Bearer ${token}` } };
  return Promise.all(
    [request, token].map(async (presented) => {
      try {
        await verifier.verify(presented);
        return 'passed';
      } catch (error) {
        return error instanceof TokenError ? `${error.status} ${error.error}` : String(error);
      }
    }),
  );
}

describe('every family of forged JWTs', () => {
  it('is refused as a token, never as a fault, while good ones pass before and after', async () => {
    const refusals = new Set(['401 invalid_token', '400 invalid_request']);
    expect(attacks.length).toBeGreaterThan(200);
    const wrong: unknown[] = [];
    for (const [family, what, token] of attacks) {
      // oxlint-disable-next-line no-await-in-loop -- one after another, so that each meets what the last one left
      const found = await outcomes(token);
      if (!found.every((each) => refusals.has(each))) wrong.push([family, what, found]);
    }
    expect(wrong).toEqual([]);
    expect(await outcomes(server.sign())).toEqual(['passed', 'passed']);
  });

  it('is still refused when a good token was remembered just before', async () => {
    const good = server.sign();
    const families = new Set<string>();
    for (const [family, what, token] of attacks) {
      // oxlint-disable-next-line no-await-in-loop -- in turn
      const found = [await outcomes(good), await outcomes(token)].flat();
      expect([what, found[0], found.slice(2).includes('passed')]).toEqual([what, 'passed', false]);
      families.add(family);
    }
    expect(families.size).toBeGreaterThan(20);
  });

  it('makes nobody ask anywhere but at the issuer for its keys, and rarely', () => {
    expect(canaryHits).toBe(0);
    expect(new Set(server.hits.keys())).toEqual(new Set([METADATA_PATH, JWKS_PATH]));
    expect(server.hits.get(JWKS_PATH)).toBe(1);
  });
});
