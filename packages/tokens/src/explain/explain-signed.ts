/**
 * JWT and CWT access tokens: every check, also those after the first that fails.
 * @spec RFC 9068 §4; RFC 8725 §3; RFC 8392 §7.2
 */
import { accessTokenTyps } from '../access-token.ts';
import { CoseError, coseHeaders, coseKeyOf, verifyCose } from '../cose/index.ts';
import { CWT_ACCESS_TOKEN_TYP } from '../cwt/index.ts';
import { JwtError } from '../jwt-error.ts';
import type { VerificationKey } from '../jwk.ts';
import { decodeJws, validateJwsHeader, verifyJws } from '../jws.ts';
import { type Check, failed, passed, shown, skipped } from './check.ts';
import type { TokenExpectations } from './expectations.ts';
import { checkClaims, checkIssuer, checkUse } from './explain-claims.ts';
import type { ReadCose, ReadJwt } from './read-token.ts';

const ALGS = {
  jwt: ['ES256', 'RS256', 'PS256', 'EdDSA'],
  cwt: ['ES256', 'PS256', 'EdDSA'],
} as const satisfies Readonly<Record<string, readonly string[]>>;
const TYPS: Readonly<Record<Format, readonly string[]>> = {
  jwt: accessTokenTyps,
  cwt: [CWT_ACCESS_TOKEN_TYP],
};

export async function explainSigned(
  token: string,
  read: ReadJwt | ReadCose,
  expectations: TokenExpectations,
): Promise<readonly Check[]> {
  const format = read.format === 'jwt' ? 'jwt' : 'cwt';
  return [
    checkType(read.header['typ'], format),
    checkAlgorithm(read.header['alg'], format),
    checkIssuer(read.claims, expectations),
    ...(await checkSignature(token, read, format, expectations)),
    ...checkClaims(read.claims, expectations),
    ...checkUse(read.claims, expectations),
  ];
}

type Format = keyof typeof ALGS;

function checkType(typ: unknown, format: Format): Check {
  const [expected = ''] = TYPS[format];
  const isRight = typeof typ === 'string' && TYPS[format].includes(typ.toLowerCase());
  if (isRight) return passed('type', { expected, got: typ });
  return failed('type', {
    expected,
    got: shown(typ),
    fix: 'It is not an access token: take the access_token of the answer, not the ID token or another one.',
  });
}

function checkAlgorithm(alg: unknown, format: Format): Check {
  const accepted: readonly unknown[] = ALGS[format];
  const expected = accepted.join(', ');
  if (accepted.includes(alg)) return passed('algorithm', { expected, got: shown(alg) });
  return failed('algorithm', {
    expected,
    got: shown(alg),
    fix: 'Whoever signs so can be copied by whoever checks, or is not proven at all. Get a token from the issuer.',
  });
}

async function checkSignature(
  token: string,
  read: ReadJwt | ReadCose,
  format: Format,
  { findKey, issuer }: TokenExpectations,
): Promise<readonly Check[]> {
  const { header, claims } = read;
  const { alg } = header;
  const kid = typeof header['kid'] === 'string' ? header['kid'] : undefined;
  if (findKey === undefined) return skip('no keys are at hand');
  if (issuer !== undefined && claims['iss'] !== issuer)
    return skip('nobody asks for keys of an issuer that is not trusted');
  if (typeof alg !== 'string' || !ALGS[format].some((each) => each === alg))
    return skip('there is no such key');
  const key = await findKey(kid, alg);
  const named = kid === undefined ? 'a token without kid' : kid;
  if (key === undefined) {
    const fix =
      'Its key is retired, or of another server. Compare kid with the keys that the issuer publishes.';
    const expected = 'a key that the issuer publishes';
    return [failed('key', { expected, got: named, fix }), skipped('signature', 'there is no key')];
  }
  const code = signatureError(token, key, read);
  return [
    passed('key', { expected: 'a key that the issuer publishes', got: named }),
    code === undefined
      ? passed('signature', { expected: `${alg} by ${named}`, got: 'it holds' })
      : failed('signature', {
          expected: `${alg} by ${named}`,
          got: code,
          fix: 'It was changed on the way, cut off, or not signed with the key it names. Get another token.',
        }),
  ];
}

function skip(why: string): readonly Check[] {
  return [skipped('key', why), skipped('signature', why)];
}

/** By the signature alone: of another type, or for another API, a token may still be genuine. */
function signatureError(token: string, key: VerificationKey, read: ReadJwt | ReadCose): string | undefined {
  try {
    if (read.format === 'jwt') {
      const jws = decodeJws(token);
      verifyJws(jws, validateJwsHeader(jws.header, ALGS.jwt).alg, key);
    } else {
      verifyCose(read.message, coseKeyOf(key), { understood: [coseHeaders.typ] });
    }
    return undefined;
  } catch (error) {
    if (error instanceof JwtError || error instanceof CoseError) return error.message;
    throw error;
  }
}
