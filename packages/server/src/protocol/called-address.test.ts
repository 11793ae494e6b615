import { describe, expect, it } from 'vitest';
import { createCalledAddress } from './called-address.ts';

describe('createCalledAddress', () => {
  const ISSUER = 'https://id.example';
  const CERTIFICATES = 'https://mtls.id.example:4443/tessera';

  it.each([
    ['the address for certificates', 'https://mtls.id.example:4443', CERTIFICATES],
    ['the issuer', ISSUER, ISSUER],
    ['a name that is neither', 'https://evil.example', ISSUER],
    ['another port', 'https://mtls.id.example', ISSUER],
    ['nothing', undefined, ISSUER],
  ])('a request that names %s', (_what, origin, address) => {
    expect(createCalledAddress(ISSUER, CERTIFICATES)(origin)).toBe(address);
  });

  it('is always the issuer where no certificates are asked for', () => {
    expect(createCalledAddress(ISSUER, undefined)('https://mtls.id.example:4443')).toBe(ISSUER);
  });
});
