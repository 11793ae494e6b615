/**
 * A JWT that somebody else signed, taken as an authorization grant: who made it, for whom, for how long, and whether
 * it was used before. What it is good for is said by the rules of its issuer.
 * @spec RFC 7521 §4.1 and §5.2, RFC 7523 §2.1 and §3, RFC 8725 §3.8 to §3.11
 */
import { decodeJwt, JwtError, type JsonObject, verifyJwt } from '@tessera/tokens';
import type { TrustedIssuer } from '../../domain/trusted-issuer.ts';
import type { TrustedIssuers } from '../../ports/trusted-issuers.ts';
import type { UsedIdentifiers } from '../../ports/used-identifiers.ts';
import { OAuthError } from '../oauth-error.ts';
import type { IssuerKeys } from './issuer-keys.ts';

export interface AssertionDependencies {
  readonly issuer: string;
  readonly trustedIssuers: TrustedIssuers;
  readonly issuerKeys: IssuerKeys;
  readonly usedIdentifiers: UsedIdentifiers;
}

export interface VerifiedAssertion {
  readonly trusted: TrustedIssuer;
  readonly claims: JsonObject;
  readonly subject: string;
  readonly jti: string;
  /** Seconds. */
  readonly iat: number;
  readonly exp: number;
}

/** The `typ` of an Identity Assertion JWT Authorization Grant. */
export const ID_JAG_TYP = 'oauth-id-jag+jwt';
/** Kubernetes leaves `typ` out; what names another kind of JWT is that other kind. */
const TYPES = { workload: [undefined, 'JWT'], identity_provider: [ID_JAG_TYP] } as const;
const ALGS = ['ES256', 'PS256', 'EdDSA', 'RS256'];
/** The clock of the issuer may be so far ahead. */
const CLOCK_AHEAD_SECONDS = 5;
const MAX_TEXT_LENGTH = 512;

/** @throws OAuthError `invalid_grant` */
export function refusedAssertion(description: string, detail?: string): OAuthError {
  return new OAuthError('invalid_grant', description, detail === undefined ? {} : { detail });
}

/** Everything but the use of its `jti`. @param at milliseconds @throws OAuthError `invalid_grant` */
export async function verifyAssertion(
  assertion: string,
  at: number,
  { issuer, trustedIssuers, issuerKeys }: AssertionDependencies,
): Promise<VerifiedAssertion> {
  const named = decodeJwt(assertion)?.payload['iss'];
  const trusted =
    typeof named === 'string' && named.length <= MAX_TEXT_LENGTH
      ? await trustedIssuers.findByIssuer(named)
      : undefined;
  if (trusted?.status !== 'active')
    throw refusedAssertion('The assertion is not accepted', 'issuer not trusted');
  const claims = await signedClaims(assertion, trusted, at, issuerKeys);
  // From here on the issuer made it, so whoever sent it may be told what is wrong.
  if (!isForUs(claims['aud'], trusted, issuer)) {
    throw refusedAssertion('The aud of the assertion is not this server', 'aud');
  }
  const { sub, jti } = claims;
  if (!isText(sub) || !isText(jti)) throw refusedAssertion('The assertion needs a sub and a jti');
  const times = checkedTimes(claims, trusted.maxLifetimeSeconds, at / 1000);
  return { trusted, claims, subject: sub, jti, ...times };
}

/** Notes that the assertion was used; the last check before anything is handed out for it. @throws OAuthError */
export async function spendAssertion(
  { trusted, jti, exp }: VerifiedAssertion,
  at: number,
  { usedIdentifiers }: AssertionDependencies,
): Promise<void> {
  const identifier = JSON.stringify([trusted.issuer, jti]);
  const until = Math.ceil(exp * 1000);
  if (await usedIdentifiers.remember('authorization_grant', identifier, until, at)) return;
  throw refusedAssertion('The assertion was used before', 'jti');
}

async function signedClaims(
  assertion: string,
  trusted: TrustedIssuer,
  at: number,
  issuerKeys: IssuerKeys,
): Promise<JsonObject> {
  try {
    const verified = await verifyJwt(assertion, {
      typ: TYPES[trusted.kind],
      algs: ALGS,
      findKey: (kid, alg) => issuerKeys.find(trusted, kid, alg, at),
    });
    if (verified.payload['iss'] === trusted.issuer) return verified.payload;
  } catch (error) {
    if (!(error instanceof JwtError)) throw error;
    throw refusedAssertion('The assertion is not accepted', error.code);
  }
  throw refusedAssertion('The assertion is not accepted', 'iss');
}

/**
 * For an ID-JAG the issuer and nothing else, for a workload what its issuer was registered with. Every audience has to
 * be one of them: a JWT that is meant for others, too, could be sent on by any of those.
 */
function isForUs(aud: unknown, { kind, audiences }: TrustedIssuer, issuer: string): boolean {
  const accepted = kind === 'identity_provider' ? [issuer] : (audiences ?? [`${issuer}/api/token`]);
  const named: readonly unknown[] = Array.isArray(aud) ? aud : [aud];
  return named.length > 0 && named.every((one) => typeof one === 'string' && accepted.includes(one));
}

function checkedTimes(
  { exp, iat, nbf }: JsonObject,
  maxLifetimeSeconds: number,
  now: number,
): { readonly exp: number; readonly iat: number } {
  if (!isTime(exp) || !isTime(iat))
    throw refusedAssertion('The assertion needs an exp and an iat in seconds');
  if (exp <= now) throw refusedAssertion('The assertion has expired', 'exp');
  if (exp - iat > maxLifetimeSeconds) {
    throw refusedAssertion('The assertion lives longer than its issuer may make it', 'lifetime');
  }
  for (const from of [iat, nbf ?? iat]) {
    if (!isTime(from) || from > now + CLOCK_AHEAD_SECONDS) {
      throw refusedAssertion('The assertion is not valid yet', 'iat or nbf');
    }
  }
  return { exp, iat };
}

function isTime(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 && value < 1e11;
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.length <= MAX_TEXT_LENGTH;
}
