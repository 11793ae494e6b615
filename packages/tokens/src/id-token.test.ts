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
  it('is the same under ES256, which hashes with SHA-256 too', () => {
    expect(leftHalfHash('value', 'ES256')).toBe(leftHalfHash('value', 'RS256'));
  });
});
