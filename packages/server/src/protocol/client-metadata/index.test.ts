import { describe, expect, it } from 'vitest';
import { type ClientMetadata, validateClientMetadata } from './index.ts';

const WEB: ClientMetadata = { client_name: 'Billing', redirect_uris: ['https://app.example/callback'] };
const NATIVE: ClientMetadata = { ...WEB, application_type: 'native', token_endpoint_auth_method: 'none' };
const JOB: ClientMetadata = { client_name: 'Job', grant_types: ['client_credentials'] };

function redirect(uri: string, from: ClientMetadata = WEB): ClientMetadata {
  return { ...from, redirect_uris: [uri] };
}

describe('client metadata that are refused', () => {
  it.each<[string, ClientMetadata, string]>([
    [
      'RFC 7591 §2: unknown grant type',
      { ...WEB, grant_types: ['authorization_code', 'magic'] },
      '/grant_types/1',
    ],
    ['OAuth 2.1 §10.1: implicit', { ...WEB, grant_types: ['implicit'] }, '/grant_types/0'],
    [
      'a grant type twice',
      { ...JOB, grant_types: ['client_credentials', 'client_credentials'] },
      '/grant_types/1',
    ],
    ['refresh_token alone', { ...JOB, grant_types: ['refresh_token'] }, '/grant_types'],
    ['RFC 7591 §2.1: token response type', { ...WEB, response_types: ['token'] }, '/response_types'],
    ['RFC 7591 §2.1: no response type for code', { ...WEB, response_types: [] }, '/response_types'],
    ['RFC 7591 §2.1: code without its grant type', { ...JOB, response_types: ['code'] }, '/response_types'],
    [
      'unknown authentication',
      { ...WEB, token_endpoint_auth_method: 'magic' },
      '/token_endpoint_auth_method',
    ],
    [
      'RFC 6749 §4.4: public, client_credentials',
      { ...JOB, token_endpoint_auth_method: 'none' },
      '/grant_types',
    ],
    [
      'public, no grant type',
      { ...JOB, grant_types: [], token_endpoint_auth_method: 'none' },
      '/grant_types',
    ],
    ['RFC 9700 §2.1.1: public, no PKCE', { ...NATIVE, require_pkce: false }, '/require_pkce'],
    ['unknown application type', { ...WEB, application_type: 'desktop' }, '/application_type'],
    ['RFC 7591 §2: no redirect URI', { client_name: 'x' }, '/redirect_uris'],
    [
      'a redirect URI twice',
      { ...WEB, redirect_uris: ['https://a.example/', 'https://a.example/'] },
      '/redirect_uris/1',
    ],
    [
      '51 redirect URIs',
      { ...WEB, redirect_uris: Array.from({ length: 51 }, (_, i) => `https://a.example/${i}`) },
      '/redirect_uris',
    ],
    ['RFC 9700 §2.1: http', redirect('http://app.example/'), '/redirect_uris/0'],
    ['RFC 8252 §8.3: localhost for web', redirect('http://localhost/cb'), '/redirect_uris/0'],
    ['RFC 8252 §7.1: custom scheme for web', redirect('com.example.app:/cb'), '/redirect_uris/0'],
    ['RFC 8252 §7.1: scheme without a dot', redirect('myapp:/cb', NATIVE), '/redirect_uris/0'],
    ['javascript', redirect('javascript:alert(1)', NATIVE), '/redirect_uris/0'],
    ['RFC 6749 §3.1.2: fragment', redirect('https://app.example/#x'), '/redirect_uris/0'],
    ['user information', redirect('https://app@evil.example/'), '/redirect_uris/0'],
    ['wildcard', redirect('https://*.app.example/'), '/redirect_uris/0'],
    ['a code of its own', redirect('https://app.example/?code=1'), '/redirect_uris/0'],
    ['RFC 9207: an iss of its own', redirect('https://app.example/?iss=x'), '/redirect_uris/0'],
    ['RFC 6749 §3.1.2: relative', redirect('/cb'), '/redirect_uris/0'],
    ['first-party scope', { ...WEB, scope: 'read account' }, '/scope'],
    ['RFC 6749 §3.3: characters', { ...WEB, scope: 'a"b' }, '/scope'],
    ['a scope twice', { ...WEB, scope: 'a a' }, '/scope'],
    ['a blank name', { ...WEB, client_name: ' ' }, '/client_name'],
    ['a name that turns the text', { ...WEB, client_name: 'Bank\u202egnilliB' }, '/client_name'],
    ['a name that marks Arabic text', { ...WEB, client_name: 'Bank\u061c' }, '/client_name'],
    ['a name nobody sees', { ...WEB, client_name: '\u3164' }, '/client_name'],
    ['a name with a letter nobody sees', { ...WEB, client_name: 'Bil\u00adling' }, '/client_name'],
    ['a name with tag characters', { ...WEB, client_name: 'Billing\u{e0041}' }, '/client_name'],
    ['a name with a line break', { ...WEB, client_name: 'Bank\nBilling' }, '/client_name'],
    ['a logo that is a script', { ...WEB, logo_uri: 'javascript:alert(1)' }, '/logo_uri'],
    ['a page over http', { ...WEB, tos_uri: 'http://app.example/' }, '/tos_uri'],
  ])('%s', (_name, metadata, pointer) => {
    const validation = validateClientMetadata(metadata);
    const pointers = 'refusals' in validation ? validation.refusals.map((refusal) => refusal.pointer) : [];
    expect(pointers).toEqual([pointer]);
  });

  it('names them all, each with its error of RFC 7591 §3.2.2', () => {
    const validation = validateClientMetadata({
      ...WEB,
      grant_types: ['x', 'authorization_code'],
      redirect_uris: [],
    });
    expect(validation).toMatchObject({
      refusals: [{ error: 'invalid_client_metadata' }, { error: 'invalid_redirect_uri' }],
    });
  });
});

describe('client metadata that are accepted', () => {
  it('with the defaults of RFC 7591 §2', () => {
    expect(validateClientMetadata(WEB)).toEqual({
      accepted: {
        name: 'Billing',
        applicationType: 'web',
        redirectUris: ['https://app.example/callback'],
        grantTypes: ['authorization_code'],
        metadata: {},
        tokenEndpointAuthMethod: 'client_secret_basic',
        requirePkce: true,
      },
    });
  });

  it.each<[string, ClientMetadata]>([
    ['a machine', JOB],
    ['a name with a heart in colour', { ...WEB, client_name: 'Hearts \u2764\ufe0f' }],
    ['a name from right to left', { ...WEB, client_name: 'חשבונות' }],
    ['an API that only introspects', { ...JOB, grant_types: [] }],
    ['loopback of a web client', redirect('http://127.0.0.1:8080/cb')],
    ['IPv6 loopback', redirect('http://[::1]/cb')],
    ['localhost of a native client', redirect('http://localhost/cb', NATIVE)],
    ['reverse-domain scheme of a native client', redirect('com.example.app:/cb', NATIVE)],
    ['no PKCE for a confidential client', { ...WEB, require_pkce: false }],
    ['a query of its own', redirect('https://app.example/cb?tenant=1')],
    ['no scope at all', { ...WEB, scope: '' }],
  ])('%s', (_name, metadata) => {
    expect(validateClientMetadata(metadata)).toHaveProperty('accepted');
  });
});
