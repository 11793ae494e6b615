import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { type ClientMetadata, validateClientMetadata } from './index.ts';

const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const jwks = { keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'one' }] };

function refusalsOf(metadata: Partial<ClientMetadata>): readonly string[] {
  const validation = validateClientMetadata({
    client_name: 'App',
    grant_types: ['client_credentials'],
    ...metadata,
  });
  return 'accepted' in validation ? [] : validation.refusals.map((refusal) => refusal.pointer);
}

const byKey = { token_endpoint_auth_method: 'private_key_jwt', jwks };
const pki = { token_endpoint_auth_method: 'tls_client_auth' };
const dn = { tls_client_auth_subject_dn: 'CN=app,O=Example' };

describe('refused', () => {
  it.each<[string, Partial<ClientMetadata>, string]>([
    [
      'OIDC Core §9: an unknown method',
      { token_endpoint_auth_method: 'client_secret_jwt' },
      '/token_endpoint_auth_method',
    ],
    [
      'OIDC Core §9: private_key_jwt without keys',
      { token_endpoint_auth_method: 'private_key_jwt' },
      '/jwks',
    ],
    ['OIDC Core §9: private_key_jwt with an empty key set', { ...byKey, jwks: { keys: [] } }, '/jwks'],
    [
      'OIDC Core §9: none as the algorithm',
      { ...byKey, token_endpoint_auth_signing_alg: 'none' },
      '/token_endpoint_auth_signing_alg',
    ],
    [
      'OIDC Core §9: a symmetric algorithm',
      { ...byKey, token_endpoint_auth_signing_alg: 'HS256' },
      '/token_endpoint_auth_signing_alg',
    ],
    [
      'FAPI 2.0 §5.4: RS256',
      { ...byKey, token_endpoint_auth_signing_alg: 'RS256', security_profile: 'fapi2' },
      '/token_endpoint_auth_signing_alg',
    ],
    [
      'RFC 8705 §2.2.2: self-signed without certificates',
      { token_endpoint_auth_method: 'self_signed_tls_client_auth' },
      '/jwks',
    ],
    ['RFC 8705 §2.1.2: no subject', pki, '/token_endpoint_auth_method'],
    [
      'RFC 8705 §2.1.2: two subjects',
      { ...pki, ...dn, tls_client_auth_san_dns: 'app.example' },
      '/token_endpoint_auth_method',
    ],
    ['RFC 8705 §2.1.2: a subject with another method', dn, '/tls_client_auth_subject_dn'],
    ['RFC 4514 §3: no name', { ...pki, tls_client_auth_subject_dn: 'app' }, '/tls_client_auth_subject_dn'],
    [
      'RFC 4514 §3: a value in hex',
      { ...pki, tls_client_auth_subject_dn: 'CN=#0403' },
      '/tls_client_auth_subject_dn',
    ],
    [
      'RFC 4514 §3: an end in the middle',
      { ...pki, tls_client_auth_subject_dn: 'CN=app,' },
      '/tls_client_auth_subject_dn',
    ],
    [
      'RFC 4514 §3: bytes that are no UTF-8',
      { ...pki, tls_client_auth_subject_dn: 'CN=\\ff' },
      '/tls_client_auth_subject_dn',
    ],
    [
      'a domain with all below it',
      { ...pki, tls_client_auth_san_dns: '.example' },
      '/tls_client_auth_san_dns',
    ],
    ['a wildcard', { ...pki, tls_client_auth_san_dns: '*.example' }, '/tls_client_auth_san_dns'],
    ['a URI that is none', { ...pki, tls_client_auth_san_uri: 'app' }, '/tls_client_auth_san_uri'],
    ['a network', { ...pki, tls_client_auth_san_ip: '10.0.0.0/8' }, '/tls_client_auth_san_ip'],
    ['an email domain', { ...pki, tls_client_auth_san_email: '@example.com' }, '/tls_client_auth_san_email'],
    [
      'tokens bound twice',
      { tls_client_certificate_bound_access_tokens: true, dpop_bound_access_tokens: true },
      '/tls_client_certificate_bound_access_tokens',
    ],
  ])('%s', (_what, metadata, pointer) => {
    expect(refusalsOf(metadata)).toEqual([pointer]);
  });
});

it.each<[string, Partial<ClientMetadata>]>([
  ['keys in place', byKey],
  ['keys by URL', { token_endpoint_auth_method: 'private_key_jwt', jwks_uri: 'https://app.example/jwks' }],
  ['a distinguished name', { ...pki, ...dn }],
  [
    'a distinguished name of RFC 4514 §4',
    { ...pki, tls_client_auth_subject_dn: 'CN=Steve Kille,O=Isode Limited\\, Inc+L=x,C=GB' },
  ],
  ['a DNS name', { ...pki, tls_client_auth_san_dns: 'app.example' }],
  ['bound tokens', { tls_client_certificate_bound_access_tokens: true }],
])('accepted: %s', (_what, metadata) => {
  expect(refusalsOf(metadata)).toEqual([]);
});
