import { describe, expect, it } from 'vitest';
import type { AuthorizationRequest } from './authorization-request.ts';
import { narrowRequest, optionalScopesOf } from './narrow-request.ts';

const REQUEST: AuthorizationRequest = {
  clientId: 'app',
  redirectUri: 'https://app.example/cb',
  scopes: ['openid', 'email', 'read', 'write'],
  prompt: [],
  startedAt: 0,
};
const DETAILS = [{ type: 'playlist_change' }];

describe('what a person may take out', () => {
  it.each([
    ['all but openid', REQUEST, ['email', 'read', 'write']],
    ['not openid alone', { ...REQUEST, scopes: ['openid'] }, []],
    ['not the only scope of a request', { ...REQUEST, scopes: ['read'] }, []],
    ['one beside openid', { ...REQUEST, scopes: ['openid', 'read'] }, ['read']],
    ['one beside details', { ...REQUEST, scopes: ['read'], authorizationDetails: DETAILS }, ['read']],
    ['claims by their scope', { ...REQUEST, scopes: ['openid'], claimScopes: ['email'] }, ['email']],
  ])('%s', (_what, request, expected) => {
    expect(optionalScopesOf(request)).toEqual(expected);
  });
});

describe('narrowRequest', () => {
  it('keeps a request that was allowed whole as it is', () => {
    expect(narrowRequest(REQUEST, new Set(['email', 'read', 'write']))).toBe(REQUEST);
  });

  it('leaves out what was not allowed, at each API', () => {
    const request = { ...REQUEST, resourceScopes: [['openid', 'read', 'write'], ['read']] };
    expect(narrowRequest(request, new Set(['write']))).toMatchObject({
      scopes: ['openid', 'write'],
      resourceScopes: [['openid', 'write'], []],
    });
  });

  it('adds nothing that was not asked for', () => {
    expect(narrowRequest(REQUEST, new Set(['read', 'admin']))?.scopes).toEqual(['openid', 'read']);
  });

  it('leaves out the claims that only a refused scope would open, essential or not (OpenID Connect Core §5.5.1)', () => {
    const request = {
      ...REQUEST,
      claimScopes: ['email', 'phone'],
      claims: { id_token: { email: { essential: true }, sub: {} }, userinfo: { phone_number: {} } },
    };
    expect(narrowRequest(request, new Set(['phone']))).toMatchObject({
      scopes: ['openid'],
      claimScopes: ['phone'],
      claims: { id_token: { sub: {} }, userinfo: { phone_number: {} } },
    });
    expect(narrowRequest(request, new Set(['phone']))?.claims?.id_token).toEqual({ sub: {} });
  });

  it('gives nothing when nothing is left', () => {
    const request = { ...REQUEST, scopes: ['read', 'write'] };
    expect(narrowRequest(request, new Set())).toBeUndefined();
    expect(narrowRequest({ ...request, authorizationDetails: DETAILS }, new Set())?.scopes).toEqual([]);
  });
});
