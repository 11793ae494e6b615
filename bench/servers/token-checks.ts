/** An API's side without a network: the same 2 000 tokens through the verifier, fast-jwt and jose, held to the same rules. */
import { createPublicKey, randomBytes } from 'node:crypto';
import {
  createJwkSet,
  createJwtSigner,
  createTokenString,
  generateSigningKey,
  importSigningKey,
} from '@tessera/tokens';
import { createVerifier } from '@tessera/verifier';
import { createVerifier as createFastJwt } from 'fast-jwt';
import { createLocalJWKSet, jwtVerify } from 'jose';
import { answerContests } from '../micro.ts';
import { APP, JWT_API, LIFETIME_SECONDS, SCOPE } from './contestant.ts';

const ISSUER = 'https://issuer.bench.example';
const DISTINCT_TOKENS = 2000;
/** Each cache has room for all of them. */
const CACHE_ENTRIES = 10_000;

const key = await generateSigningKey('ES256');
const keys = createJwkSet([key.publicJwk]);
const handle = importSigningKey(key);
const signer = createJwtSigner(handle, 'at+jwt');
const iat = Math.floor(Date.now() / 1000);
const claims = {
  iss: ISSUER,
  sub: APP.id,
  aud: JWT_API,
  exp: iat + LIFETIME_SECONDS,
  iat,
  client_id: APP.id,
  org_id: 'org_default',
  scope: SCOPE,
};
const jwts = Array.from({ length: DISTINCT_TOKENS }, () =>
  signer.sign({ ...claims, jti: randomBytes(16).toString('base64url') }),
);
const opaque = Array.from({ length: DISTINCT_TOKENS }, () => createTokenString('at', randomBytes));

const api = { issuer: ISSUER, audience: JWT_API, jwks: () => keys };
const introspect = (): object => ({ active: true, ...claims });
const uncached = createVerifier({ ...api, cacheEntries: 0 });
const cached = createVerifier({
  ...api,
  introspect,
  introspectionCacheSeconds: LIFETIME_SECONDS,
  cacheEntries: CACHE_ENTRIES,
});

const fastJwtRules = {
  key: createPublicKey(handle.privateKey).export({ format: 'pem', type: 'spki' }).toString(),
  algorithms: ['ES256' as const],
  allowedIss: ISSUER,
  allowedAud: JWT_API,
  checkTyp: 'at+jwt',
  requiredClaims: ['exp', 'sub', 'iat', 'jti', 'client_id'],
};
const fastJwt = createFastJwt(fastJwtRules);
const fastJwtCached = createFastJwt({ ...fastJwtRules, cache: CACHE_ENTRIES });
const joseKeys = createLocalJWKSet(keys as Parameters<typeof createLocalJWKSet>[0]);

const needed = { scopes: [SCOPE] };
const nth = (tokens: readonly string[], count: number): string => tokens[count % DISTINCT_TOKENS] ?? '';

function requireScope(payload: object): void {
  if (!('scope' in payload) || payload.scope !== SCOPE) throw new Error('the scope is missing');
}

answerContests({
  jwt: (count) => uncached.verify(nth(jwts, count), needed),
  'jwt-cached': (count) => cached.verify(nth(jwts, count), needed),
  'opaque-cached': (count) => cached.verify(nth(opaque, count), needed),
  'fast-jwt': (count) => requireScope(fastJwt(nth(jwts, count)) as object),
  'fast-jwt-cached': (count) => requireScope(fastJwtCached(nth(jwts, count)) as object),
  jose: async (count) => {
    const rules = { issuer: ISSUER, audience: JWT_API, typ: 'at+jwt', algorithms: ['ES256'] };
    const { payload } = await jwtVerify(nth(jwts, count), joseKeys, rules);
    requireScope(payload);
  },
});
