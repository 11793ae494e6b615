import { describe, expect, it } from 'vitest';
import type { AuthorizationRequest } from './authorization-request.ts';
import { createInteractions } from './interaction.ts';
import { otherSpellings } from '../../people/testing/other-spellings.ts';

const NOW = 1_800_000_000_000;
const interactions = createInteractions(new Uint8Array(32).fill(7), (size) => new Uint8Array(size).fill(1));
const request: AuthorizationRequest = {
  clientId: 'app',
  redirectUri: 'https://app.example.com/cb',
  scopes: ['openid'],
  prompt: [],
  startedAt: NOW,
};

describe('a request that waits for the person is refused', () => {
  const sealed = interactions.seal(request, 'browser');

  it.each(otherSpellings(sealed))('%s', (_how, changed) => {
    expect(changed).not.toBe(sealed);
    expect(interactions.open(changed, 'browser', NOW)).toBeUndefined();
  });

  it('in another browser, or in none', () => {
    expect(interactions.open(sealed, 'other', NOW)).toBeUndefined();
    expect(interactions.open(sealed, undefined, NOW)).toBeUndefined();
  });

  it('an hour later', () => {
    expect(interactions.open(sealed, 'browser', NOW)).toMatchObject(request);
    expect(interactions.open(sealed, 'browser', NOW + 3_600_000)).toBeUndefined();
  });
});
