/**
 * Opaque access tokens: the issuer is asked, and its answer is held to the same rules as a JWT.
 * @spec RFC 7662 §2.2, §4
 */
import { toAccessToken } from './access-token.ts';
import type { AccessToken, RequiredClaims } from './access-token.ts';
import { requireAudience } from './audience.ts';
import { TokenError } from './token-error.ts';
import type { TokenErrorCode } from './token-error.ts';

/**
 * Gives the introspection response for a token.
 * @param callerAddress who used it, where that is known and matters for the answer (`caller_address`)
 */
export type Introspect = (token: string, callerAddress?: string) => unknown;

/** Asks, and turns whatever goes wrong into `unavailable`: an outage is never a pass. */
export async function askIntrospection(
  introspect: Introspect,
  token: string,
  callerAddress?: string,
): Promise<unknown> {
  try {
    return await introspect(token, callerAddress);
  } catch (cause) {
    throw new TokenError('unavailable', undefined, { cause });
  }
}

/**
 * @param answer the introspection response, as parsed JSON
 * @param expected.nowMs milliseconds; the verifier's own clock decides about expiry, whatever the answer says
 * @throws TokenError unless the token is active, ours, for this audience, and has not expired
 */
export function readIntrospection(
  answer: unknown,
  expected: { readonly issuer: string; readonly audience: string; readonly nowMs: number },
): AccessToken {
  if (typeof answer !== 'object' || answer === null) throw new TokenError('unavailable');
  const claims: Readonly<Record<string, unknown>> = { ...answer };
  if (claims['active'] !== true) throw new TokenError(codeOfReason(claims['tessera_reason']));
  if (claims['iss'] !== undefined && claims['iss'] !== expected.issuer) throw new TokenError('wrong_issuer');
  requireClaims(claims);
  requireAudience(claims.aud, expected.audience);
  requireTimeLeft(claims.exp, expected.nowMs);
  return toAccessToken('opaque', expected.issuer, claims);
}

/** Expired means now ≥ exp, without leeway. @param exp seconds @throws TokenError `expired` */
export function requireTimeLeft(exp: number, nowMs: number): void {
  if (nowMs >= exp * 1000) throw new TokenError('expired');
}

/** Only an API that the token was for is told why it is not good any more. */
function codeOfReason(reason: unknown): TokenErrorCode {
  switch (reason) {
    case 'expired':
      return 'expired';
    case 'revoked':
    case 'pending_approval':
    case 'token_rules':
    case 'access_policy':
      return reason;
    case 'audience':
      return 'wrong_audience';
    default:
      return 'unknown_token';
  }
}

const TOKEN_TYPES: ReadonlySet<string> = new Set(['bearer', 'dpop']);

function requireClaims(
  claims: Readonly<Record<string, unknown>>,
): asserts claims is RequiredClaims & Readonly<Record<string, unknown>> {
  const { sub, client_id, aud, exp, iat, scope, jti, token_type } = claims;
  const holds =
    isText(sub) &&
    isText(client_id) &&
    (isText(aud) || isListOfTexts(aud)) &&
    isNumericDate(exp) &&
    isNumericDate(iat) &&
    (scope === undefined || typeof scope === 'string') &&
    (jti === undefined || isText(jti)) &&
    (token_type === undefined || (isText(token_type) && TOKEN_TYPES.has(token_type.toLowerCase())));
  if (!holds) throw new TokenError('invalid_claims');
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

function isListOfTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.length > 0 && value.every(isText);
}

function isNumericDate(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}
