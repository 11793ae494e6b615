import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Resource } from '../domain/resource.ts';
import { accessTokenLifetime } from './lifetime.ts';

const random = (size: number): Uint8Array => randomBytes(size);

function api(accessTokenLifetime_: Resource['accessTokenLifetime']): Resource {
  return {
    id: 'api',
    organizationId: 'org',
    identifier: 'https://api.example/',
    name: 'API',
    scopes: [],
    defaultScopes: [],
    tokenFormat: 'jwt',
    accessTokenLifetime: accessTokenLifetime_,
    signingAlg: 'ES256',
    isDefault: false,
    resourceServers: [],
    builtIn: false,
    createdAt: 0,
    updatedAt: 0,
  };
}

describe('the lifetime of an access token', () => {
  it('is an hour where nothing says otherwise', () => {
    expect(accessTokenLifetime(undefined, random)).toEqual({ seconds: 3600, reason: 'standard' });
  });

  it('is what the API says', () => {
    expect(accessTokenLifetime(api(30), random)).toEqual({ seconds: 30, reason: 'api' });
  });

  it('is drawn between the two ends, both included, evenly', () => {
    const drawn = Array.from(
      { length: 1000 },
      () => accessTokenLifetime(api({ min: 3600, max: 5400 }), random).seconds,
    );
    const mean = drawn.reduce((sum, seconds) => sum + seconds, 0) / drawn.length;
    expect(Math.min(...drawn)).toBeGreaterThanOrEqual(3600);
    expect(Math.max(...drawn)).toBeLessThanOrEqual(5400);
    expect(Math.abs(mean - 4500)).toBeLessThan(90); // five standard errors
    expect(new Set(drawn).size).toBeGreaterThan(100);
  });

  it('reaches both ends', () => {
    const drawn = new Set(
      Array.from({ length: 200 }, () => accessTokenLifetime(api({ min: 1, max: 3 }), random).seconds),
    );
    expect([...drawn].toSorted((a, b) => a - b)).toEqual([1, 2, 3]);
  });

  it('draws again rather than favour small values', () => {
    const draws = [new Uint8Array([255, 255, 255, 255]), new Uint8Array([0, 0, 0, 4])];
    const scripted = (): Uint8Array => draws.shift() ?? new Uint8Array(4);
    expect(accessTokenLifetime(api({ min: 10, max: 12 }), scripted).seconds).toBe(11);
    expect(draws).toHaveLength(0);
  });
});
