import { expect, it } from 'vitest';
import { provesKey } from './proves-key.ts';

const dpop = { jkt: 'a' };
const certificate = { 'x5t#S256': 'a' };

it.each([
  ['no key is asked for', undefined, undefined, true],
  ['a key is shown that was not asked for', undefined, dpop, true],
  ['no proof (RFC 9449 §5)', dpop, undefined, false],
  ['another key (RFC 9449 §5)', dpop, { jkt: 'b' }, false],
  ['a certificate with the same thumbprint', dpop, certificate, false],
  ['a DPoP key with the same thumbprint', certificate, dpop, false],
  ['another certificate (RFC 8705 §4)', certificate, { 'x5t#S256': 'b' }, false],
  ['the same key', dpop, { jkt: 'a' }, true],
  ['the same certificate', certificate, { 'x5t#S256': 'a' }, true],
])('%s', (_what, bound, proven, proves) => {
  expect(provesKey(bound, proven)).toBe(proves);
});
