import { describe, expect, it } from 'vitest';
import { toAccessToken } from './access-token.ts';
import { challenge } from './challenge.ts';
import { requireSensibleSignIn, requireSignIn } from './sign-in.ts';
import type { SignInNeeds } from './sign-in-needs.ts';
import { TokenError } from './token-error.ts';

const NOW = 1_000_000_000_000;
const SECOND = NOW / 1000;

const token = (claims: Readonly<Record<string, unknown>>) =>
  toAccessToken('jwt', 'https://id.example', {
    sub: 'ada',
    client_id: 'app',
    aud: 'api',
    exp: SECOND + 60,
    iat: SECOND,
    ...claims,
  });

describe('how a person signed in (RFC 9470 §3)', () => {
  it.each<[string, Readonly<Record<string, unknown>>, SignInNeeds]>([
    ['by another class', { acr: 'weak' }, { acrValues: ['strong'] }],
    ['by a class that only begins alike', { acr: 'stronger' }, { acrValues: ['strong'] }],
    ['by nobody knows what', {}, { acrValues: ['strong'] }],
    ['by a list of classes', { acr: ['strong'] }, { acrValues: ['strong'] }],
    ['as long ago as allowed, to the second', { auth_time: SECOND - 60 }, { maxAgeSeconds: 60 }],
    ['nobody knows when', {}, { maxAgeSeconds: 60 }],
    ['at a time that is text', { auth_time: `${SECOND}` }, { maxAgeSeconds: 60 }],
    [
      'strongly, but too long ago',
      { acr: 'strong', auth_time: SECOND - 61 },
      { acrValues: ['strong'], maxAgeSeconds: 60 },
    ],
  ])('%s is not enough', (_how, claims, needs) => {
    expect(() => requireSignIn(token(claims), needs, NOW)).toThrow(TokenError);
  });

  it.each<[string, Readonly<Record<string, unknown>>, SignInNeeds]>([
    ['by one of the classes', { acr: 'strong' }, { acrValues: ['other', 'strong'] }],
    ['a moment less ago than allowed', { auth_time: SECOND - 59 }, { maxAgeSeconds: 60 }],
    ['somehow, where nothing is asked', {}, {}],
  ])('%s is enough', (_how, claims, needs) => {
    expect(() => requireSignIn(token(claims), needs, NOW)).not.toThrow();
  });

  it('is asked for in the challenge', () => {
    const needs = { acrValues: ['strong', 'stronger'], maxAgeSeconds: 60 };
    const error = new TokenError('insufficient_user_authentication', undefined, { signIn: needs });
    expect(error.status).toBe(401);
    expect(challenge(error, { realm: 'api' })).toBe(
      'Bearer realm="api", error="insufficient_user_authentication", error_description="The person has to sign in again, or more strongly, for this", acr_values="strong stronger", max_age=60',
    );
  });

  it.each([
    { acrValues: [] },
    { acrValues: ['a b'] },
    { acrValues: ['"'] },
    { maxAgeSeconds: 0 },
    { maxAgeSeconds: 1.5 },
  ])('%j could never be met', (needs) => {
    expect(() => requireSensibleSignIn(needs)).toThrow(TypeError);
  });
});
