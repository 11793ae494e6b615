import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { type ClientMetadata, validateClientMetadata } from './index.ts';

const jwk = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ format: 'jwk' });
const GOOD: ClientMetadata = {
  client_name: 'Bank',
  redirect_uris: ['https://bank.example/cb'],
  token_endpoint_auth_method: 'private_key_jwt',
  jwks: { keys: [jwk] },
  security_profile: 'fapi2',
};

function refusalsOf(changes: Partial<ClientMetadata>): readonly string[] {
  const validation = validateClientMetadata({ ...GOOD, ...changes });
  return 'accepted' in validation ? [] : validation.refusals.map((refusal) => refusal.pointer);
}

describe('metadata under a security profile are refused', () => {
  it.each<[string, Partial<ClientMetadata>, string]>([
    ['a profile nobody knows', { security_profile: 'fapi1' }, '/security_profile'],
    [
      'a secret (FAPI 2.0 §5.3.2.1)',
      { token_endpoint_auth_method: 'client_secret_basic' },
      '/token_endpoint_auth_method',
    ],
    ['a public client (§5.3.2.1)', { token_endpoint_auth_method: 'none' }, '/token_endpoint_auth_method'],
    ['no PKCE (§5.3.2.2)', { require_pkce: false }, '/require_pkce'],
    [
      'RS256 in assertions (§5.4.1)',
      { token_endpoint_auth_signing_alg: 'RS256' },
      '/token_endpoint_auth_signing_alg',
    ],
    [
      'RS256 in ID tokens (§5.4.1)',
      { id_token_signed_response_alg: 'RS256' },
      '/id_token_signed_response_alg',
    ],
    ['RS256 in requests (§5.4.1)', { request_object_signing_alg: 'RS256' }, '/request_object_signing_alg'],
  ])('%s', (_what, changes, pointer) => {
    expect(refusalsOf(changes)).toContain(pointer);
  });
  it('message signing without keys', () => {
    const changes: Partial<ClientMetadata> = {
      security_profile: 'fapi2_message_signing',
      token_endpoint_auth_method: 'tls_client_auth',
      tls_client_auth_san_dns: 'bank.example',
    };
    const { jwks: _none, ...withoutKeys } = GOOD;
    const validation = validateClientMetadata({ ...withoutKeys, ...changes });
    expect(validation).toMatchObject({ refusals: [{ pointer: '/jwks' }] });
  });
});

it('what goes with the profile is accepted', () => {
  expect(refusalsOf({})).toEqual([]);
  expect(
    refusalsOf({ security_profile: 'fapi2_message_signing', request_object_signing_alg: 'PS256' }),
  ).toEqual([]);
});
