import { describe, expect, it } from 'vitest';
import {
  protectedResourceMetadata,
  protectedResourceMetadataPaths,
  protectedResourceMetadataUrl,
} from './protected-resource-metadata.ts';

const authorizationServers = ['https://id.example'];

describe('protectedResourceMetadata (RFC 9728 §2)', () => {
  it.each(['music', '/music', 'https://music.example/#part'])('refuses the resource %s', (resource) => {
    expect(() => protectedResourceMetadata({ resource, authorizationServers })).toThrow(TypeError);
  });
  it('refuses to name no authorization server', () => {
    expect(() =>
      protectedResourceMetadata({ resource: 'https://music.example/', authorizationServers: [] }),
    ).toThrow(TypeError);
  });
  it('says what is known, and leaves out what is not', () => {
    const resource = 'https://music.example/';
    expect(protectedResourceMetadata({ resource, authorizationServers })).toEqual({
      resource,
      authorization_servers: authorizationServers,
      bearer_methods_supported: ['header'],
    });
    expect(
      protectedResourceMetadata({
        resource,
        authorizationServers,
        scopesSupported: ['read'],
        resourceName: 'Music',
        resourceDocumentation: 'https://music.example/docs',
        resourcePolicyUri: 'https://music.example/policy',
        resourceTosUri: 'https://music.example/terms',
      }),
    ).toEqual({
      resource,
      authorization_servers: authorizationServers,
      scopes_supported: ['read'],
      bearer_methods_supported: ['header'],
      resource_name: 'Music',
      resource_documentation: 'https://music.example/docs',
      resource_policy_uri: 'https://music.example/policy',
      resource_tos_uri: 'https://music.example/terms',
    });
  });
});

describe('the address of the metadata (RFC 9728 §3.1)', () => {
  it.each([
    ['https://music.example', 'https://music.example/.well-known/oauth-protected-resource'],
    ['https://music.example/', 'https://music.example/.well-known/oauth-protected-resource'],
    ['https://music.example/v1', 'https://music.example/.well-known/oauth-protected-resource/v1'],
    ['https://music.example/v1?k=v', 'https://music.example/.well-known/oauth-protected-resource/v1?k=v'],
  ])('%s', (resource, url) => {
    expect(protectedResourceMetadataUrl(resource)).toBe(url);
  });
  it('is served at the plain path too', () => {
    expect(protectedResourceMetadataPaths({ resource: 'https://music.example/v1' })).toEqual([
      '/.well-known/oauth-protected-resource',
      '/.well-known/oauth-protected-resource/v1',
    ]);
    expect(protectedResourceMetadataPaths({ resource: 'urn:tessera:api' })).toHaveLength(1);
  });
});
