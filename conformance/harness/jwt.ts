// JWTs as clients make them, right and wrong.
import { createHash, randomBytes } from 'node:crypto';
import {
  createRemoteJWKSet,
  customFetch,
  type JWTPayload,
  jwtVerify,
  type JWTVerifyOptions,
  SignJWT,
} from 'jose';
import { CheckFailure } from './failure.ts';
import { withoutUndefined } from './flow.ts';
import type { HeaderLine } from './http.ts';
import type { Client, SigningKey, Target } from './target.ts';

type Claims = Readonly<Record<string, unknown>>;

/** The keys of the server, fetched the way of the harness. */
export function keysOf(target: Target): ReturnType<typeof createRemoteJWKSet> {
  return createRemoteJWKSet(new URL(target.endpoint('jwks_uri')), {
    [customFetch]: async (url: string) => {
      const { status, text, headers } = await target.get(url);
      return new Response(text, { status, headers });
    },
  });
}

/** @throws CheckFailure when the signature is not of a published key, or a claim not what the options want */
export async function verified(
  target: Target,
  token: string,
  options: JWTVerifyOptions = {},
): Promise<{ readonly payload: JWTPayload; readonly header: Claims }> {
  try {
    const { payload, protectedHeader } = await jwtVerify(token, keysOf(target), options);
    return { payload, header: { ...protectedHeader } };
  } catch (error) {
    throw new CheckFailure(
      `The JWT does not verify: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

export function seconds(offset = 0): number {
  return Math.floor(Date.now() / 1000) + offset;
}

export function randomId(): string {
  return randomBytes(16).toString('base64url');
}

/** Signed; claims and header members given as undefined are left out. */
export function sign(key: SigningKey, claims: Claims, header: Claims = {}): Promise<string> {
  const full = withoutUndefined({ alg: key.alg, kid: key.publicJwk.kid, ...header });
  return new SignJWT(withoutUndefined(claims))
    .setProtectedHeader({ ...full, alg: String(full['alg']) })
    .sign(key.privateKey);
}

/** With any header and any signature. */
export function assemble(header: unknown, payload: unknown, signature = ''): string {
  const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part(header)}.${part(payload)}.${signature}`;
}

export function keyOf(client: Client): SigningKey {
  if (client.key === undefined) throw new Error('The client has no key');
  return client.key;
}

export interface ProofOptions {
  readonly claims?: Claims;
  readonly header?: Claims;
  readonly accessToken?: string;
}

/** RFC 9449 §4.2. */
export function dpopProof(
  key: SigningKey,
  method: string,
  url: string,
  { claims, header, accessToken }: ProofOptions = {},
): Promise<string> {
  const { kid: _kid, use: _use, alg: _alg, ...jwk } = key.publicJwk;
  return sign(
    key,
    {
      jti: randomId(),
      htm: method,
      htu: url,
      iat: seconds(),
      ...(accessToken === undefined
        ? {}
        : { ath: createHash('sha256').update(accessToken).digest('base64url') }),
      ...claims,
    },
    { typ: 'dpop+jwt', jwk, kid: undefined, ...header },
  );
}

export async function dpopHeader(...proof: Parameters<typeof dpopProof>): Promise<HeaderLine> {
  return ['dpop', await dpopProof(...proof)];
}
