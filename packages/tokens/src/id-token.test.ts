import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { leftHalfHash } from './id-token.ts';

describe('leftHalfHash', () => {
  // OpenID Connect Core, appendix A.3 and A.4: published constants.
  it('gives the at_hash of OpenID Connect Core A.3', () => {
    expect(leftHalfHash('jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y', 'RS256')).toBe(
      '77QmUPtjPfzWtF2AnpK9RQ',
    );
  });
  it('gives the c_hash of OpenID Connect Core A.4', () => {
    expect(leftHalfHash('Qcb0Orv1zh30vL1MPRsbm-diHiMwcLyZvn1arpZv-Jxf_11jnpEX3Tgfvk', 'RS256')).toBe(
      'LDktKdoQak3Pk0cnXxCltA',
    );
  });
  it.each(['ES256', 'PS256'] as const)('is the same under %s, which hashes with SHA-256 too', (alg) => {
    expect(leftHalfHash('value', alg)).toBe(leftHalfHash('value', 'RS256'));
  });
  // Ed25519 hashes with SHA-512 (RFC 8032 §5.1).
  it('is half of a SHA-512 under EdDSA', () => {
    const whole = createHash('sha512').update('value').digest();
    expect(leftHalfHash('value', 'EdDSA')).toBe(whole.subarray(0, 32).toString('base64url'));
  });
});
