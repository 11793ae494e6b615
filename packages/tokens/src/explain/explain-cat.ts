/**
 * Common Access Tokens: form, key, signature, and what was decided about each claim.
 * @spec CTA-5007-B §4.3, §4.5, §4.6
 */
import { catDialects, catErrors, explainCat, textClaim } from '../cat/index.ts';
import type { CatError, CatErrorCode, CatPolicy, Decision } from '../cat/index.ts';
import { type Check, failed, passed, shown, skipped, timeShown } from './check.ts';
import type { TokenExpectations } from './expectations.ts';
import { checkScope } from './explain-claims.ts';
import type { ReadCose } from './read-token.ts';

/** What is known about a request that nobody described. */
const NO_REQUEST = {};
const KEY_CODES: ReadonlySet<CatErrorCode> = new Set(['unknown_key', 'alg_mismatch']);
const SIGNATURE_CODES: ReadonlySet<CatErrorCode> = new Set(['bad_signature', 'crit_unsupported']);
const TIMES: ReadonlySet<string> = new Set(['exp', 'nbf', 'iat']);

export async function explainCommonAccessToken(
  token: string,
  { header, claims }: ReadCose,
  expectations: TokenExpectations,
): Promise<readonly Check[]> {
  const { catKeys = [], nowMs, request = NO_REQUEST } = expectations;
  if (catKeys.length === 0) {
    const why = 'no key was given';
    return [skipped('key', why), skipped('signature', why), ...unproven(claims, nowMs)];
  }
  const { error, decisions } = await explainCat(token, request, policyOf(claims, expectations));
  const named = shown(header['kid'] ?? 'a token without kid');
  const expected = `one of ${catKeys.length} ${catKeys.length === 1 ? 'key' : 'keys'}`;
  if (error !== undefined && KEY_CODES.has(error.code)) {
    const fix = 'Give the key that the token was made with, and its algorithm.';
    return [
      failed('key', { expected, got: `${named}: ${error.message}`, fix }),
      skipped('signature', 'there is no key'),
    ];
  }
  const key = passed('key', { expected, got: named });
  const alg = shown(header['alg']);
  if (error !== undefined && SIGNATURE_CODES.has(error.code)) {
    const fix = 'It was changed on the way, cut off, or made with another key. Get another token.';
    return [key, failed('signature', { expected: alg, got: error.message, fix })];
  }
  const signature = passed('signature', { expected: alg, got: 'it holds' });
  return [
    key,
    signature,
    ...decisions.map((each) => claimCheck(each, expectations)),
    ...beforeClaims(error, decisions),
    ...(expectations.scopes === undefined || expectations.scopes.length === 0
      ? []
      : [checkScope(claims, expectations)]),
  ];
}

/** Who names no issuer or API takes what the token names; the checks say so. */
function policyOf(
  { iss, aud }: ReadCose['claims'],
  { catKeys = [], issuer, audience, nowMs }: TokenExpectations,
): CatPolicy {
  return {
    keys: catKeys,
    issuers: issuer === undefined ? textsOf(iss) : [issuer],
    audiences: audience === undefined ? textsOf(aud) : [audience],
    clock: () => nowMs,
    // Where the verifier is ours, the issuer adds them.
    extensions: [textClaim('scope'), textClaim('client_id')],
  };
}

function textsOf(value: unknown): readonly string[] {
  return [value].flat().filter((each) => typeof each === 'string');
}

function claimCheck(
  { claim, outcome, code, expected, got }: Decision,
  { issuer, audience, nowMs }: TokenExpectations,
): Check {
  const says = TIMES.has(claim) ? timeShown(expected) : shown(expected);
  if (claim === 'iss' && issuer === undefined) return skipped('iss', `no issuer was named; it says ${says}`);
  if (claim === 'aud' && audience === undefined) return skipped('aud', `no API was named; it is for ${says}`);
  if (outcome === 'ignored') return skipped(claim, 'it is not known here');
  const showed = got === undefined ? undefined : TIMES.has(claim) ? timeShown(wholeSeconds(got)) : shown(got);
  if (outcome !== 'refused') {
    return passed(claim, {
      expected: says,
      got: showed ?? (outcome === 'informs' ? 'it asks for nothing' : 'it holds'),
    });
  }
  const why = code === undefined ? undefined : catErrors[code];
  return failed(claim, {
    expected: says,
    got:
      showed ??
      (TIMES.has(claim) ? `it is ${timeShown(Math.floor(nowMs / 1000))}` : 'the request shows nothing'),
    fix: `${why ?? 'The claim is not met'}. ${fixOf(claim)}`,
  });
}

function wholeSeconds(time: unknown): unknown {
  return typeof time === 'number' ? Math.floor(time) : time;
}

function fixOf(claim: string): string {
  if (claim === 'exp') return 'Get another token, or let it be renewed in time (catr).';
  if (claim === 'iss' || claim === 'aud')
    return 'Compare what this recipient trusts with what the token says.';
  return 'Make a request as the claim asks for, or get a token that allows this one.';
}

/** A claim that could not even be read, or that is not there. */
function beforeClaims(error: CatError | undefined, decisions: readonly Decision[]): readonly Check[] {
  if (error === undefined || decisions.some(({ outcome }) => outcome === 'refused')) return [];
  const { claim, dialect, code, message } = error;
  const fix =
    code === 'dialect' && isDialect(dialect)
      ? `${catDialects[dialect]}. Make the token as CTA-5007 says.`
      : 'Make the token again, without it or as CTA-5007 says.';
  return [failed(claim ?? 'form', { expected: 'what CTA-5007 has', got: message, fix })];
}

function isDialect(dialect: string | undefined): dialect is keyof typeof catDialects {
  return dialect !== undefined && Object.hasOwn(catDialects, dialect);
}

/** What can be said without a key: the times. */
function unproven({ exp, nbf }: ReadCose['claims'], nowMs: number): readonly Check[] {
  const now = timeShown(Math.floor(nowMs / 1000));
  const checks: Check[] = [];
  if (typeof nbf === 'number') {
    const seen = { expected: timeShown(nbf), got: `it is ${now}` };
    checks.push(
      nowMs >= nbf * 1000
        ? passed('nbf', seen)
        : failed('nbf', { ...seen, fix: 'Wait, or compare the clocks.' }),
    );
  }
  if (typeof exp === 'number') {
    const seen = { expected: timeShown(exp), got: `it is ${now}` };
    checks.push(nowMs < exp * 1000 ? passed('exp', seen) : failed('exp', { ...seen, fix: fixOf('exp') }));
  }
  return checks;
}
