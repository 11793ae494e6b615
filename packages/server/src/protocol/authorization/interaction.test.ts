import { describe, expect, it } from 'vitest';
import type { AuthorizationRequest } from './authorization-request.ts';
import { createInteractions } from './interaction.ts';

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

  it.each([
    ['with a space', `${sealed.slice(0, 9)} ${sealed.slice(9)}`],
    ['with a line end', `${sealed}\n`],
    ['with padding', `${sealed}=`],
    ['with a character of no alphabet', `${sealed.slice(0, 9)}~${sealed.slice(9)}`],
    ['with a character too many', `${sealed}A`],
    ['in standard base64', Buffer.from(sealed, 'base64url').toString('base64')],
    ['cut', sealed.slice(0, -4)],
    ['empty', ''],
  ])('%s', (_how, changed) => {
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
