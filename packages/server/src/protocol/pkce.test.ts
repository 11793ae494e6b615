import { describe, expect, it } from 'vitest';
import { isCodeChallenge, verifyCodeVerifier } from './pkce.ts';

// RFC 7636 appendix B
const VERIFIER = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk';
const CHALLENGE = 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM';

describe('code_verifier (RFC 7636 §4.1, §4.6)', () => {
  it.each([
    ['another verifier', `${VERIFIER.slice(0, -1)}l`],
    ['the challenge itself (method plain)', CHALLENGE],
    ['42 characters', VERIFIER.slice(0, 42)],
    ['129 characters', 'a'.repeat(129)],
    ['a character outside the alphabet', `${VERIFIER.slice(0, -1)}+`],
    ['nothing', ''],
  ])('refuses %s', (_what, verifier) => {
    expect(verifyCodeVerifier(verifier, CHALLENGE)).toBe(false);
  });

  it('accepts the verifier of appendix B', () => {
    expect(verifyCodeVerifier(VERIFIER, CHALLENGE)).toBe(true);
  });
});

describe('code_challenge (RFC 7636 §4.2)', () => {
  it.each([
    ['42 characters', CHALLENGE.slice(1)],
    ['44 characters', `${CHALLENGE}A`],
    ['padding', `${CHALLENGE}=`],
    ['the alphabet of plain base64', `${CHALLENGE.slice(0, -1)}/`],
    ['a newline at its end', `${CHALLENGE}\n`],
  ])('refuses %s', (_what, challenge) => {
    expect(isCodeChallenge(challenge)).toBe(false);
  });

  it('accepts a base64url SHA-256', () => {
    expect(isCodeChallenge(CHALLENGE)).toBe(true);
  });
});
