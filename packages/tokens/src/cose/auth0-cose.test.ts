/** Both ways with another implementation: what it makes is taken here, and what is made here it takes. */
import { generateKeyPairSync } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import {
  Algorithms,
  Headers,
  Mac0,
  MacAlgorithms,
  ProtectedHeaders,
  Sign1,
  UnprotectedHeaders,
} from '@auth0/cose';
import { describe, expect, it } from 'vitest';
import { CoseError } from './cose-error.ts';
import { createMacKey } from './key.ts';
import type { CoseKey } from './key.ts';
import { decodeCose } from './message.ts';
import { createCoseSigner } from './sign.ts';
import { verifyCose } from './verify.ts';

const kid = new Uint8Array(Buffer.from('k1'));
const payload = new Uint8Array(Buffer.from('what both have to read alike'));
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const secret = new Uint8Array(32).fill(9);

type SignatureRow = ['ES256' | 'PS256', Algorithms.ES256 | Algorithms.PS256, KeyObject, KeyObject];
const SIGNATURES: SignatureRow[] = [
  ['ES256', Algorithms.ES256, ec.privateKey, ec.publicKey],
  ['PS256', Algorithms.PS256, rsa.privateKey, rsa.publicKey],
];

describe.each(SIGNATURES)('%s', (alg, number, privateKey, publicKey) => {
  const verificationKey: CoseKey = { kid, alg, key: publicKey };

  it('signed there, checked here', async () => {
    const headers = ProtectedHeaders.from([[Headers.Algorithm, number]]);
    const beside = UnprotectedHeaders.from([[Headers.KeyID, kid]]);
    const message = decodeCose((await Sign1.sign(headers, beside, payload, privateKey)).encode());
    expect(message).toMatchObject({ type: 'sign1', kid });
    expect(Buffer.from(message.payload)).toEqual(Buffer.from(payload));
    expect(() => verifyCose(message, verificationKey)).not.toThrow();
    expect(() => verifyCose({ ...message, payload: kid }, verificationKey)).toThrow(
      new CoseError('bad_signature'),
    );
  });

  it.each(['protected', 'unprotected'] as const)(
    'signed here with the kid %s, checked there',
    async (kidHeader) => {
      const signer = createCoseSigner({ kid, alg, key: privateKey }, { tags: 'cose', kidHeader });
      const message = Sign1.decode(signer.sign(payload));
      expect(Buffer.from(message.payload)).toEqual(Buffer.from(payload));
      await expect(message.verify(publicKey)).resolves.toBeUndefined();
      const other = Sign1.decode(signer.sign(kid));
      const swapped = new Sign1(other.protectedHeaders, other.unprotectedHeaders, payload, other.signature);
      await expect(swapped.verify(publicKey)).rejects.toThrow();
    },
  );
});

describe('HS256', () => {
  it('made there, checked here', async () => {
    const headers: [Headers.Algorithm, MacAlgorithms.HS256][] = [[Headers.Algorithm, MacAlgorithms.HS256]];
    const made = await Mac0.create(headers, undefined, payload, secret);
    expect(() => verifyCose(decodeCose(made.encode()), createMacKey({ secret }))).not.toThrow();
  });
  it('made here, checked there', async () => {
    const made = createCoseSigner(createMacKey({ secret }), { tags: 'cose' }).sign(payload);
    await expect(Mac0.decode(made).verify(secret)).resolves.toBeUndefined();
  });
});
