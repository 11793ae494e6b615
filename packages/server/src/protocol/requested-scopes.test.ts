import { describe, expect, it } from 'vitest';
import type { Client } from '../domain/client.ts';
import type { Resource } from '../domain/resource.ts';
import { grantableScopes, parseScope } from './requested-scopes.ts';

const client = { id: 'app', organizationId: 'org_a', firstParty: false } as Client;
const resource = {
  organizationId: 'org_a',
  scopes: ['read', 'write', 'delete'].map((name) => ({ name, description: name })),
  defaultScopes: ['read'],
  builtIn: false,
} as unknown as Resource;

describe('the scope parameter (RFC 6749 §3.3)', () => {
  it.each([
    ['a quote', 'read "x"'],
    ['a backslash', 'a\\b'],
    ['a control character', 'a\tb'],
    ['letters outside ASCII', 'é'],
    ['too many', Array.from({ length: 101 }, (_, i) => `s${i}`).join(' ')],
  ])('refuses %s', (_what, scope) => {
    expect(() => parseScope(scope)).toThrow(/invalid_scope/);
  });

  it('gives distinct names in the order they came', () => {
    expect(parseScope('b a  b')).toEqual(['b', 'a']);
    expect(parseScope(undefined)).toEqual([]);
  });
});

describe('granting scopes', () => {
  const base = { client, resource, person: true };

  it.each([
    ['one the API does not have', { ...base, requested: ['other'] }],
    ['an API scope where there is no API', { ...base, resource: undefined, requested: ['read'] }],
    ['openid without a person', { ...base, person: false, requested: ['openid'] }],
    [
      'one outside the client’s list',
      { ...base, client: { ...client, scopes: ['read'] }, requested: ['write'] },
    ],
    [
      'more than the defaults, without a person and without a list',
      { ...base, person: false, requested: ['write'] },
    ],
    [
      'by a list of its own, without a person, what another organization has',
      {
        ...base,
        client: { ...client, organizationId: 'org_b', scopes: ['write'] },
        person: false,
        requested: ['write'],
      },
    ],
    [
      'Tessera’s own scopes to somebody else’s client',
      {
        ...base,
        resource: { ...resource, builtIn: true },
        client: { ...client, scopes: ['write'] },
        requested: ['write'],
      },
    ],
  ])('refuses %s', (_what, request) => {
    expect(() => grantableScopes(request)).toThrow(/invalid_(scope|target)/);
  });

  it('gives the default scopes when none is asked for', () => {
    expect(grantableScopes({ ...base, requested: [] })).toEqual(['read']);
    expect(grantableScopes({ ...base, resource: undefined, requested: [] })).toEqual([]);
  });

  it('gives a person’s client whatever the API has, and OpenID Connect’s own', () => {
    expect(grantableScopes({ ...base, requested: ['openid', 'write'] })).toEqual(['openid', 'write']);
  });

  it('gives a client by itself what its list says', () => {
    const listed = { ...client, scopes: ['write'] };
    expect(grantableScopes({ ...base, client: listed, person: false, requested: ['write', 'read'] })).toEqual(
      ['write', 'read'],
    );
  });

  it('gives every client by itself what is open to all', () => {
    const stranger = { ...client, organizationId: 'org_b' };
    expect(grantableScopes({ ...base, client: stranger, person: false, requested: ['read'] })).toEqual([
      'read',
    ]);
  });

  it('gives Tessera’s own scopes to a first-party client', () => {
    const own = { ...resource, builtIn: true };
    expect(
      grantableScopes({
        ...base,
        resource: own,
        client: { ...client, firstParty: true },
        requested: ['delete'],
      }),
    ).toEqual(['delete']);
  });
});
