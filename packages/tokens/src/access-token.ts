/**
 * JWT access tokens: their claims, and the rules that a resource server holds them to.
 * @spec RFC 9068 §2.1, §2.2, §4; RFC 7519 §4.1
 */
import { JwtError } from './jwt-error.ts';

/** The `typ` of a JWT access token. */
export const ACCESS_TOKEN_TYP = 'at+jwt';
/** Both spellings that a resource server takes (RFC 9068 §4). */
export const accessTokenTyps: readonly string[] = [ACCESS_TOKEN_TYP, `application/${ACCESS_TOKEN_TYP}`];

/** Times are seconds since the epoch. */
export interface AccessTokenClaims {
  readonly iss: string;
  readonly sub: string;
  readonly aud: string | readonly string[];
  readonly exp: number;
  readonly iat: number;
  readonly jti: string;
  readonly client_id: string;
  readonly scope?: string;
  readonly nbf?: number;
  readonly auth_time?: number;
  readonly acr?: string;
  readonly amr?: readonly string[];
  readonly org_id?: string;
  readonly [claim: string]: unknown;
}

/** Clocks of two machines differ; only the start of a token's life is given this much. Its end is given nothing. */
const START_LEEWAY_SECONDS = 5;

/**
 * @param payload the claims of a token whose signature and `typ` hold
 * @param expected.audience must be one of the token's audiences, letter for letter
 * @param expected.nowMs milliseconds
 * @throws JwtError: claim_missing, claim_malformed, wrong_issuer, wrong_audience, expired, not_yet_valid
 */
export function validateAccessTokenClaims(
  payload: Readonly<Record<string, unknown>>,
  expected: { readonly issuer: string; readonly audience: string; readonly nowMs: number },
): AccessTokenClaims {
  requireShape(payload);
  if (payload.iss !== expected.issuer) throw new JwtError('wrong_issuer');
  const { aud } = payload;
  const isForUs = typeof aud === 'string' ? aud === expected.audience : aud.includes(expected.audience);
  if (!isForUs) throw new JwtError('wrong_audience');
  if (expected.nowMs >= payload.exp * 1000) throw new JwtError('expired');
  const latestStart = expected.nowMs / 1000 + START_LEEWAY_SECONDS;
  if (payload.iat > latestStart || (payload.nbf !== undefined && payload.nbf > latestStart)) {
    throw new JwtError('not_yet_valid');
  }
  return payload;
}

const REQUIRED_CLAIMS = ['iss', 'sub', 'aud', 'exp', 'iat', 'jti', 'client_id'] as const;

function requireShape(payload: Readonly<Record<string, unknown>>): asserts payload is AccessTokenClaims {
  const { iss, sub, aud, exp, iat, jti, client_id, scope, nbf, auth_time, acr, amr, org_id } = payload;
  const holds =
    isText(iss) &&
    isText(sub) &&
    (isText(aud) || isListOfTexts(aud)) &&
    isNumericDate(exp) &&
    isNumericDate(iat) &&
    isText(jti) &&
    isText(client_id) &&
    (scope === undefined || typeof scope === 'string') &&
    (nbf === undefined || isNumericDate(nbf)) &&
    (auth_time === undefined || isNumericDate(auth_time)) &&
    (acr === undefined || isText(acr)) &&
    (amr === undefined || isListOfTexts(amr)) &&
    (org_id === undefined || isText(org_id));
  if (holds) return;
  const isIncomplete = REQUIRED_CLAIMS.some((name) => payload[name] === undefined);
  throw new JwtError(isIncomplete ? 'claim_missing' : 'claim_malformed');
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

function isListOfTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.length > 0 && value.every(isText);
}

/** Whole seconds: a fraction would make "expired" depend on who rounds. */
function isNumericDate(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}
