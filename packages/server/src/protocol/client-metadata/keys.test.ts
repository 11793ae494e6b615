import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { type ClientMetadata, validateClientMetadata } from './index.ts';

const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const publicKey = { ...ec.publicKey.export({ format: 'jwk' }), kid: 'one', alg: 'ES256', use: 'sig' };
const privateKey = { ...ec.privateKey.export({ format: 'jwk' }), kid: 'one' };
const weak = generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey.export({ format: 'jwk' });

function refusalsOf(metadata: Partial<ClientMetadata>): readonly string[] {
  const validation = validateClientMetadata({
    client_name: 'App',
    grant_types: ['client_credentials'],
    ...metadata,
  });
  return 'accepted' in validation ? [] : validation.refusals.map((refusal) => refusal.pointer);
}

describe('the keys of a client (RFC 7591 §2) are refused', () => {
  it.each([
    [
      'in place and by URL',
      { jwks: { keys: [publicKey] }, jwks_uri: 'https://app.example/jwks' },
      '/jwks_uri',
    ],
    ['with private members', { jwks: { keys: [privateKey] } }, '/jwks/keys/0'],
    ['with a symmetric key', { jwks: { keys: [{ kty: 'oct', k: 'AAAA' }] } }, '/jwks/keys/0'],
    ['with a weak RSA key', { jwks: { keys: [publicKey, weak] } }, '/jwks/keys/1'],
    ['with something that is no key', { jwks: { keys: [{}] } }, '/jwks/keys/0'],
    ['at an http address', { jwks_uri: 'http://app.example/jwks' }, '/jwks_uri'],
    ['by a URL with a password', { jwks_uri: 'https://a:b@app.example/jwks' }, '/jwks_uri'],
  ])('%s', (_what, metadata, pointer) => {
    expect(refusalsOf(metadata)).toEqual([pointer]);
  });
});

it('keys in place are kept as they stood on the wire', () => {
  const validation = validateClientMetadata({
    client_name: 'App',
    grant_types: ['client_credentials'],
    jwks: { keys: [publicKey] },
  });
  expect(validation).toMatchObject({ accepted: { metadata: { jwks: { keys: [publicKey] } } } });
});
