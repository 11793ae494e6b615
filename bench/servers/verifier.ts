/** An API's side: checks tokens with the verifier, and JWTs with jose beside it, one after another in one process. */
import { randomBytes } from 'node:crypto';
import { createJwkSet, createJwtSigner, generateSigningKey, importSigningKey } from '@tessera/tokens';
import { createVerifier } from '@tessera/verifier';
import { createLocalJWKSet, jwtVerify } from 'jose';
import { answerCalls } from '../program.ts';
import { API_SERVER, APP, JWT_API, LIFETIME_SECONDS, SCOPE } from './contestant.ts';

const ISSUER = 'https://issuer.bench.example';
const DISTINCT_TOKENS = 2000;
/** As many requests as an API under load has under way. */
const PARALLEL = 32;

const key = await generateSigningKey('ES256');
const keys = createJwkSet([key.publicJwk]);
const signer = createJwtSigner(importSigningKey(key), 'at+jwt');
const iat = Math.floor(Date.now() / 1000);
const jwts = Array.from({ length: DISTINCT_TOKENS }, () =>
  signer.sign({
    iss: ISSUER,
    sub: APP.id,
    aud: JWT_API,
    exp: iat + LIFETIME_SECONDS,
    iat,
    jti: randomBytes(16).toString('base64url'),
    client_id: APP.id,
    org_id: 'org_default',
    scope: SCOPE,
  }),
);

export interface OpaqueCheck {
  readonly issuer: string;
  readonly audience: string;
  readonly tokens: readonly string[];
  readonly cacheSeconds: number;
  readonly seconds: number;
}

const jwtVerifier = createVerifier({ issuer: ISSUER, audience: JWT_API, jwks: () => keys });
const joseKeys = createLocalJWKSet(keys as Parameters<typeof createLocalJWKSet>[0]);

/** @returns how many of them are checked in a second, `PARALLEL` at a time */
async function checksPerSecond(
  tokens: readonly string[],
  seconds: number,
  check: (token: string) => Promise<unknown>,
): Promise<number> {
  const startedAt = performance.now();
  const until = startedAt + seconds * 1000;
  let count = 0;
  const loop = async (): Promise<void> => {
    while (performance.now() < until) {
      // oxlint-disable-next-line no-await-in-loop -- a caller waits for its answer
      await check(tokens[count++ % tokens.length] ?? '');
    }
  };
  await Promise.all(Array.from({ length: PARALLEL }, loop));
  return (count * 1000) / (performance.now() - startedAt);
}

answerCalls({
  jwt: (seconds: number) =>
    checksPerSecond(jwts, seconds, (token) => jwtVerifier.verify(token, { scopes: [SCOPE] })),
  jose: (seconds: number) =>
    checksPerSecond(jwts, seconds, async (token) => {
      const { payload } = await jwtVerify(token, joseKeys, {
        issuer: ISSUER,
        audience: JWT_API,
        typ: 'at+jwt',
      });
      if (payload['scope'] !== SCOPE) throw new Error('the scope is missing');
    }),
  opaque: async ({ issuer, audience, tokens, cacheSeconds, seconds }: OpaqueCheck) => {
    const { id: clientId, secret: clientSecret } = API_SERVER;
    const introspectionCacheSeconds = cacheSeconds;
    const verifier = createVerifier({ issuer, audience, clientId, clientSecret, introspectionCacheSeconds });
    const check = (token: string): Promise<unknown> => verifier.verify(token, { scopes: [SCOPE] });
    // Each token has been seen once before the clock starts.
    if (cacheSeconds > 0) for (const token of tokens) await check(token);
    return checksPerSecond(tokens, seconds, check);
  },
});
