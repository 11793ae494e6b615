// An issuer of JWTs that is not ours: a platform that runs programs, or a company's identity provider.
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose';
import type { AssertionRule, TrustedIssuer } from '../packages/server/src/domain/trusted-issuer.ts';
import { DEFAULT_ORGANIZATION_ID } from '../packages/server/src/domain/organization.ts';
import type { TestServer } from './harness.ts';

export interface ForeignIssuer {
  readonly trusted: TrustedIssuer;
  /** Signs claims as they are, with a header that may say anything. */
  sign(claims: JWTPayload, header?: Readonly<Record<string, unknown>>): Promise<string>;
  /** Changes what the operator said of it. */
  change(changes: Partial<TrustedIssuer>): Promise<void>;
}

let jtis = 0;

/** A `jti` that was not used before. */
export function newJti(): string {
  jtis++;
  return `jti-${jtis}`;
}

/** Registers an issuer that signs with ES256, unless the details say otherwise. */
export async function registerIssuer(
  server: TestServer,
  details: Pick<TrustedIssuer, 'issuer' | 'kind'> & {
    readonly rules: readonly AssertionRule[];
  } & Partial<TrustedIssuer>,
): Promise<ForeignIssuer> {
  const { publicKey, privateKey } = await generateKeyPair('ES256');
  const key = { ...(await exportJWK(publicKey)), kid: 'key-1', alg: 'ES256', use: 'sig' };
  const { trustedIssuers } = server.tessera.store;
  const at = server.clock.now();
  const audit = {
    id: 'evt_i',
    at,
    type: 'trusted_issuer.created',
    outcome: 'success',
    actor: 'system',
  } as const;
  let trusted: TrustedIssuer = {
    id: `tri_${Buffer.from(details.issuer).toString('base64url')}`,
    organizationId: DEFAULT_ORGANIZATION_ID,
    name: details.issuer,
    status: 'active',
    jwks: { keys: [key] },
    maxLifetimeSeconds: 600,
    createdAt: at,
    updatedAt: at,
    ...details,
  };
  await trustedIssuers.create(trusted, audit);
  return {
    get trusted() {
      return trusted;
    },
    sign: (claims, header = {}) =>
      new SignJWT(claims).setProtectedHeader({ alg: 'ES256', kid: 'key-1', ...header }).sign(privateKey),
    async change(changes) {
      const after = { ...trusted, updatedAt: trusted.updatedAt + 1, ...changes };
      if (!(await trustedIssuers.update(after, audit, trusted))) throw new Error('not changed');
      trusted = after;
    },
  };
}
