import { hashTokenString } from '@tessera/tokens';
import { describe, expect, it } from 'vitest';
import { toAccessToken } from './access-token.ts';
import type { AccessToken } from './access-token.ts';
import { createMemory } from './memory.ts';

const NOW = 1_800_000_000_000;
const EXP = NOW / 1000 + 60;
const LONG = NOW + 1_000_000;

const accessToken = (change: object = {}): AccessToken =>
  toAccessToken('jwt', 'https://id.example', {
    sub: 'ada',
    client_id: 'app',
    aud: 'api',
    exp: EXP,
    iat: NOW / 1000,
    jti: 'token-1',
    ...change,
  });

describe('what is remembered', () => {
  it.each([
    ['the token', LONG, EXP * 1000],
    ['the entry', NOW + 5000, NOW + 5000],
  ])('ends with %s, to the millisecond', (_, until, end) => {
    let now = NOW;
    const cache = createMemory(10, () => now).createCache();
    cache.put('a', { accessToken: accessToken(), until });
    now = end - 1;
    expect(cache.get('a')).toBeDefined();
    now = end;
    expect(cache.get('a')).toBeUndefined();
    now = NOW;
    expect(cache.get('a')).toBeUndefined();
  });

  it('is not older than it was when the clock is set back: then it is forgotten', () => {
    let now = NOW;
    const cache = createMemory(10, () => now).createCache();
    cache.put('a', { accessToken: accessToken(), until: NOW + 5000 });
    now = NOW - 3_600_000;
    expect(cache.get('a')).toBeUndefined();
  });

  it('is never more than there is room for; the oldest goes first', () => {
    const cache = createMemory(3, () => NOW).createCache();
    for (const token of ['a', 'b', 'c', 'a', 'd'])
      cache.put(token, { accessToken: accessToken(), until: LONG });
    expect(['a', 'b', 'c', 'd'].filter((token) => cache.get(token) !== undefined)).toEqual(['a', 'c', 'd']);
  });

  it('is nothing where there is no room', () => {
    const cache = createMemory(0, () => NOW).createCache();
    cache.put('a', { accessToken: accessToken(), until: LONG });
    expect(cache.get('a')).toBeUndefined();
  });

  it('is nothing that had expired before', () => {
    const cache = createMemory(3, () => EXP * 1000).createCache();
    cache.put('a', { accessToken: accessToken(), until: LONG });
    expect(cache.get('a')).toBeUndefined();
  });

  it('is not what was asked for before something was forgotten', () => {
    const memory = createMemory(10, () => NOW);
    const cache = memory.createCache();
    const asOf = memory.moment();
    memory.forgetToken(hashTokenString('another'));
    cache.put('a', { accessToken: accessToken(), until: LONG }, asOf);
    expect(cache.get('a')).toBeUndefined();
  });

  it('stays with the cache that it was put in', () => {
    const memory = createMemory(10, () => NOW);
    const [one, other] = [memory.createCache(), memory.createCache()];
    one.put('a', { accessToken: accessToken(), until: LONG });
    expect(other.get('a')).toBeUndefined();
  });
});

describe('what is forgotten goes from every cache', () => {
  const filled = () => {
    const memory = createMemory(10, () => NOW);
    const caches = [memory.createCache(), memory.createCache()];
    const entries: [string, object][] = [
      ['a', { jti: 'token-1', grant_id: 'grant-1' }],
      // Two issuers may use one jti.
      ['b', { jti: 'token-1', grant_id: 'grant-2' }],
      ['c', { jti: 'token-3', grant_id: 'grant-2' }],
      ['d', { jti: 'token-4' }],
    ];
    for (const cache of caches) {
      for (const [token, change] of entries)
        cache.put(token, { accessToken: accessToken(change), until: LONG });
    }
    const left = () =>
      caches.map((cache) =>
        entries
          .map(([token]) => token)
          .filter((token) => cache.get(token))
          .join(''),
      );
    return { memory, left };
  };

  it('by token', () => {
    const { memory, left } = filled();
    memory.forgetToken(hashTokenString('token-1'));
    expect(left()).toEqual(['cd', 'cd']);
  });

  it('by grant', () => {
    const { memory, left } = filled();
    memory.forgetGrant('grant-2');
    expect(left()).toEqual(['ad', 'ad']);
  });

  it('altogether', () => {
    const { memory, left } = filled();
    memory.forgetAll();
    expect(left()).toEqual(['', '']);
  });

  it('and what is put again can be forgotten again', () => {
    const memory = createMemory(10, () => NOW);
    const cache = memory.createCache();
    for (let round = 0; round < 3; round++) {
      cache.put('a', { accessToken: accessToken({ grant_id: 'grant-1' }), until: LONG });
      expect(cache.get('a')).toBeDefined();
      if (round === 1) memory.forgetGrant('grant-1');
      else memory.forgetToken(hashTokenString('token-1'));
      expect(cache.get('a')).toBeUndefined();
    }
  });
});
