/** The JOSE cookbook's signatures and keys: what is ours holds, and everything else is refused for the reason given. */
import { describe, expect, it } from 'vitest';
import { listPublishedVectors, readPublishedVectors } from '../testing/published-vectors.ts';
import { importPublicJwk } from './jwk.ts';
import { JwtError } from './jwt-error.ts';
import { decodeJws, validateJwsHeader, verifyJws } from './jws.ts';

interface Example {
  readonly input: { readonly payload: string; readonly key: Readonly<Record<string, unknown>> };
  readonly output: { readonly compact?: string };
}

/** Held: checked with its public key, and the payload is that of the example. */
const SIGNATURES: Readonly<Record<string, string>> = {
  'jws/4_1.rsa_v15_signature': 'held',
  'curve25519/jws': 'held',
  'jws/4_2.rsa-pss_signature': 'alg_not_allowed', // PS384
  'jws/4_3.ecdsa_signature': 'alg_not_allowed', // ES512
  'jws/4_4.hmac-sha2_integrity_protection': 'alg_not_allowed', // JWTs are never authenticated with a shared key
  'jws/4_5.signature_with_detached_content': 'alg_not_allowed', // HS256, and the payload is left out
  'jws/4_6.protecting_specific_header_fields': 'not compact',
  'jws/4_7.protecting_content_only': 'not compact',
  'jws/4_8.multiple_signatures': 'not compact',
  'rfc7797/hmac-sha2_b64_false': 'malformed_base64url', // b64: the payload stands there as it is
  'rfc7797/4.2.hmac-sha2_b64_false': 'not compact', // a dot in a payload that is not encoded
};

/** Whether a key is taken as one to check signatures with. */
const KEYS: Readonly<Record<string, boolean>> = {
  'jwk/3_1.ec_public_key': false, // P-521
  'jwk/3_2.ec_private_key': false,
  'jwk/3_3.rsa_public_key': true,
  'jwk/3_4.rsa_private_key': false,
  'jwk/3_5.symmetric_key_mac_computation': false,
  'jwk/3_6.symmetric_key_encryption': false,
};

/** There is no encryption here. */
const ENCRYPTED = /^(?:jwe\/|curve25519\/ecdh-es$|6\.nesting|package$)/;

const names = listPublishedVectors('jose-cookbook').map((path) =>
  path.slice('jose-cookbook/'.length, -'.json'.length),
);
const read = (name: string): Example => readPublishedVectors(`jose-cookbook/${name}.json`);

function check({ input, output }: Example): { readonly outcome: string; readonly payload?: string } {
  if (output.compact === undefined) return { outcome: 'not compact' };
  try {
    const jws = decodeJws(output.compact);
    const { alg } = validateJwsHeader(jws.header, ['ES256', 'RS256', 'PS256', 'EdDSA']);
    const { d: _d, p: _p, q: _q, dp: _dp, dq: _dq, qi: _qi, ...publicMembers } = input.key;
    verifyJws(jws, alg, importPublicJwk(publicMembers));
    return { outcome: 'held', payload: Buffer.from(jws.payload).toString('utf8') };
  } catch (error) {
    if (error instanceof JwtError) return { outcome: error.code };
    throw error;
  }
}

// Skipped where the published vectors are not beside the repository.
describe.skipIf(names.length === 0)('the JOSE cookbook', () => {
  it('is here in full', () => {
    const known = [...Object.keys(SIGNATURES), ...Object.keys(KEYS)];
    expect(names.filter((name) => !known.includes(name) && !ENCRYPTED.test(name))).toEqual([]);
  });
  it.each(Object.entries(SIGNATURES))('%s: %s', (name, expected) => {
    const { outcome, payload } = check(read(name));
    expect(outcome).toBe(expected);
    expect(payload).toBe(expected === 'held' ? read(name).input.payload : undefined);
  });
  it.each(Object.entries(KEYS))('%s: %s', (name, taken) => {
    expect(importPublicJwk(read(name)) !== undefined).toBe(taken);
  });
});
