import { describe, expect, it } from 'vitest';
import { type ClientMetadata, validateClientMetadata } from './index.ts';

function refusalsOf(metadata: Partial<ClientMetadata>): readonly string[] {
  const validation = validateClientMetadata({
    client_name: 'App',
    redirect_uris: ['https://app.example/cb'],
    ...metadata,
  });
  return 'accepted' in validation ? [] : validation.refusals.map((refusal) => refusal.pointer);
}

const TWO_HOSTS = ['https://app.example/cb', 'https://other.example/cb'];

describe('OpenID Connect metadata are refused', () => {
  it.each<[string, Partial<ClientMetadata>, string]>([
    ['unknown subject type (DCR §2)', { subject_type: 'triple' }, '/subject_type'],
    [
      'pairwise over two hosts (Core §8.1)',
      { subject_type: 'pairwise', redirect_uris: TWO_HOSTS },
      '/sector_identifier_uri',
    ],
    ['sector by http (DCR §5)', { sector_identifier_uri: 'http://app.example/' }, '/sector_identifier_uri'],
    [
      'unsigned ID tokens (Core §2)',
      { id_token_signed_response_alg: 'none' },
      '/id_token_signed_response_alg',
    ],
    ['symmetric userinfo', { userinfo_signed_response_alg: 'HS256' }, '/userinfo_signed_response_alg'],
    [
      'introspection signed with none (RFC 9701 §6)',
      { introspection_signed_response_alg: 'none' },
      '/introspection_signed_response_alg',
    ],
    [
      'answers signed with none (JARM §3)',
      { authorization_signed_response_alg: 'none' },
      '/authorization_signed_response_alg',
    ],
    [
      'unsigned requests by algorithm (RFC 9101 §10.1)',
      { request_object_signing_alg: 'none' },
      '/request_object_signing_alg',
    ],
    [
      'a script as the place to go',
      { post_logout_redirect_uris: ['javascript:alert(1)'] },
      '/post_logout_redirect_uris/0',
    ],
    [
      'back-channel logout by http',
      { backchannel_logout_uri: 'http://app.example/out' },
      '/backchannel_logout_uri',
    ],
    [
      'back-channel logout with a fragment (§2.2)',
      { backchannel_logout_uri: 'https://app.example/out#x' },
      '/backchannel_logout_uri',
    ],
  ])('%s', (_what, metadata, pointer) => {
    expect(refusalsOf(metadata)).toEqual([pointer]);
  });
});

it('pairwise over two hosts with a sector, and the rest, are accepted', () => {
  expect(
    refusalsOf({
      subject_type: 'pairwise',
      redirect_uris: TWO_HOSTS,
      sector_identifier_uri: 'https://app.example/sector.json',
      id_token_signed_response_alg: 'ES256',
      post_logout_redirect_uris: ['https://app.example/bye'],
      backchannel_logout_uri: 'https://app.example/out',
    }),
  ).toEqual([]);
});
