/**
 * Proof Key for Code Exchange, method S256 only.
 * @spec RFC 7636 §4, RFC 9700 §2.1.1 and §4.8.2
 */
import { hash, timingSafeEqual } from 'node:crypto';

const CODE_CHALLENGE = /^[A-Za-z0-9_-]{43}$/;
const CODE_VERIFIER = /^[A-Za-z0-9\-._~]{43,128}$/;

/** Whether a challenge has the form of a base64url SHA-256 (RFC 7636 §4.2). */
export function isCodeChallenge(value: string): boolean {
  return CODE_CHALLENGE.test(value);
}

/** Whether the verifier is well-formed and hashes to the challenge (RFC 7636 §4.6). */
export function verifyCodeVerifier(verifier: string, challenge: string): boolean {
  if (!CODE_VERIFIER.test(verifier)) return false;
  const actual = Buffer.from(hash('sha256', verifier, 'base64url'));
  const expected = Buffer.from(challenge);
  return actual.length === expected.length && timingSafeEqual(actual, expected);
}
