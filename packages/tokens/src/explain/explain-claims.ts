/**
 * The claims of a JWT or CWT access token, one check each, in the order in which an API makes them.
 * @spec RFC 9068 §4; RFC 7519 §4.1; RFC 8705 §3; RFC 9449 §6
 */
import type { JsonObject } from '../json-object.ts';
import { type Check, failed, passed, shown, skipped, timeShown } from './check.ts';
import type { TokenExpectations } from './expectations.ts';

const REQUIRED = ['iss', 'sub', 'aud', 'exp', 'iat', 'jti', 'client_id'] as const;
/** As the verifier: only the start of a token's life is given it. */
const START_LEEWAY_SECONDS = 5;

export function checkIssuer({ iss }: JsonObject, { issuer }: TokenExpectations): Check {
  if (issuer === undefined) return skipped('issuer', 'no issuer was named that is trusted');
  if (iss === issuer) return passed('issuer', { expected: issuer, got: issuer });
  return failed('issuer', {
    expected: issuer,
    got: shown(iss),
    fix: `Ask ${issuer} for a token, or trust the other issuer.`,
  });
}

/** Whatever is left once the signature has been looked at. */
export function checkClaims(claims: JsonObject, expectations: TokenExpectations): readonly Check[] {
  return [
    checkRequired(claims),
    checkAudience(claims, expectations),
    checkExpiry(claims, expectations),
    checkStart(claims, expectations),
  ];
}

/** Of a token whose claims the issuer itself has kept. */
export function explainKept(claims: JsonObject, expectations: TokenExpectations): readonly Check[] {
  return [
    checkAudience(claims, expectations),
    checkExpiry(claims, expectations),
    checkStart(claims, expectations),
    ...checkUse(claims, expectations),
  ];
}

/** What an API checks last. */
export function checkUse(claims: JsonObject, expectations: TokenExpectations): readonly Check[] {
  return [checkBinding(claims), checkScope(claims, expectations)];
}

function checkRequired(claims: JsonObject): Check {
  const missing = REQUIRED.filter((name) => claims[name] === undefined);
  const expected = REQUIRED.join(', ');
  if (missing.length === 0) return passed('claims', { expected, got: 'all of them' });
  return failed('claims', {
    expected,
    got: `no ${missing.join(', ')}`,
    fix: 'It is not an access token as RFC 9068 describes them: take the access_token of the answer, not another token.',
  });
}

function checkAudience({ aud }: JsonObject, { audience }: TokenExpectations): Check {
  if (audience === undefined) return skipped('audience', `no API was named; it is for ${shown(aud)}`);
  const isNamed = Array.isArray(aud) ? aud.includes(audience) : aud === audience;
  if (isNamed) return passed('audience', { expected: audience, got: shown(aud) });
  return failed('audience', {
    expected: audience,
    got: shown(aud),
    fix: `Ask for a token with resource=${audience}`,
  });
}

function checkExpiry({ exp }: JsonObject, { nowMs }: TokenExpectations): Check {
  const expected = `later than ${timeShown(Math.floor(nowMs / 1000))}`;
  if (typeof exp === 'number' && nowMs < exp * 1000)
    return passed('expiry', { expected, got: timeShown(exp) });
  return failed('expiry', {
    expected,
    got: timeShown(exp),
    fix: 'Get another token: with the refresh token, or with the credentials of the app.',
  });
}

function checkStart({ iat, nbf }: JsonObject, { nowMs }: TokenExpectations): Check {
  const latest = nowMs / 1000 + START_LEEWAY_SECONDS;
  const starts = [iat, nbf].filter((time) => time !== undefined);
  const expected = `no later than ${timeShown(Math.floor(latest))}`;
  const late = starts.find((time) => typeof time !== 'number' || time > latest);
  if (late === undefined) return passed('not_before', { expected, got: timeShown(nbf ?? iat) });
  return failed('not_before', {
    expected,
    got: timeShown(late),
    fix: 'Compare the clocks of the issuer and of this machine.',
  });
}

function checkBinding({ cnf }: JsonObject): Check {
  if (cnf === undefined) return passed('binding', { expected: 'none', got: 'a bearer token' });
  const { jkt, 'x5t#S256': thumbprint } = Object(cnf);
  if (typeof jkt === 'string') {
    return skipped('binding', `bound to the key ${jkt}: each request needs a DPoP proof made with it`);
  }
  if (typeof thumbprint === 'string') {
    return skipped('binding', `bound to the certificate ${thumbprint}: the connection has to show it`);
  }
  return failed('binding', {
    expected: 'jkt or x5t#S256',
    got: shown(cnf),
    fix: 'It is bound in a way that cannot be checked here: no API can take it.',
  });
}

export function checkScope({ scope }: JsonObject, { scopes }: TokenExpectations): Check {
  if (scopes === undefined || scopes.length === 0) {
    return skipped('scope', `no scope was asked for; it has ${shown(scope ?? 'none')}`);
  }
  const granted = typeof scope === 'string' ? scope.split(' ') : [];
  const missing = scopes.filter((name) => !granted.includes(name));
  const seen = { expected: scopes.join(' '), got: shown(scope ?? 'none') };
  if (missing.length === 0) return passed('scope', seen);
  return failed('scope', { ...seen, fix: `Ask for a token with scope=${scopes.join(' ')}` });
}
