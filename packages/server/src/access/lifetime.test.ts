import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { AccessTokenLifetime } from '../domain/access-token-lifetime.ts';
import type { Organization } from '../domain/organization.ts';
import type { Resource } from '../domain/resource.ts';
import type { Random } from '../ports/random.ts';
import { createAccessTokenLifetimes, type Lifetime } from './lifetime.ts';

interface Rules {
  readonly client?: AccessTokenLifetime;
  readonly api?: AccessTokenLifetime;
  readonly organization?: AccessTokenLifetime;
  readonly server?: AccessTokenLifetime;
}

/** The lifetime of a token for an API, under rules on each level. */
function lifetimes(rules: Rules, random: Random = randomBytes): () => Promise<Lifetime> {
  const organization: Organization = {
    id: 'org',
    name: 'Org',
    kind: 'team',
    createdAt: 0,
    ...(rules.organization === undefined ? {} : { accessTokenLifetime: rules.organization }),
  };
  const find = (id: string) => Promise.resolve(id === 'org' ? organization : undefined);
  const lifetimeOf = createAccessTokenLifetimes({ find }, rules.server ?? 3600, random);
  const metadata = rules.client === undefined ? {} : { access_token_lifetime: rules.client };
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- of an API only the lifetime counts here
  const api = (rules.api === undefined ? {} : { accessTokenLifetime: rules.api }) as Resource;
  return async () => await lifetimeOf({ organizationId: 'org', metadata }, api);
}

const RANGE = { min: 3600, max: 5400 };

describe('which rule decides how long an access token lives', () => {
  it.each<[string, Rules, Lifetime]>([
    ['nothing but the server', {}, { seconds: 3600, reason: 'server' }],
    ['the server says otherwise', { server: 900 }, { seconds: 900, reason: 'server' }],
    ['the organization before the server', { organization: 600 }, { seconds: 600, reason: 'organization' }],
    ['the API before the organization', { api: 30, organization: 600 }, { seconds: 30, reason: 'api' }],
    ['the API also when it is longer', { api: 7200, organization: 600 }, { seconds: 7200, reason: 'api' }],
    ['the client before all', { client: 20, api: 30, organization: 600 }, { seconds: 20, reason: 'client' }],
    [
      'the client before the organization',
      { client: 900, organization: 600 },
      { seconds: 900, reason: 'client' },
    ],
    [
      'never longer than the API says',
      { client: 900, api: 30 },
      { seconds: 30, reason: 'client_within_api' },
    ],
    [
      'nor than the longest the API may draw',
      { client: 9000, api: RANGE },
      { seconds: 5400, reason: 'client_within_api' },
    ],
  ])('%s', async (_what, rules, expected) => {
    expect(await lifetimes(rules)()).toEqual(expected);
  });

  it.each(['client', 'api', 'organization', 'server'] as const)(
    'a range of the %s is drawn from',
    async (level) => {
      const draw = lifetimes({ [level]: { min: 1, max: 3 } });
      const drawn = await Promise.all(Array.from({ length: 200 }, draw));
      expect(new Set(drawn.map(({ seconds }) => seconds))).toEqual(new Set([1, 2, 3]));
      expect(new Set(drawn.map(({ reason }) => reason))).toEqual(new Set([`${level}_random`]));
    },
  );

  it('asks for no organization where client or API have a rule', () => {
    const refuse = { find: () => Promise.reject(new Error('asked')) };
    const lifetimeOf = createAccessTokenLifetimes(refuse, 3600, randomBytes);
    const client = { organizationId: 'org', metadata: { access_token_lifetime: 60 } };
    expect(lifetimeOf(client, undefined)).toEqual({ seconds: 60, reason: 'client' });
  });

  it("gives Tessera's own API nothing of an organization", async () => {
    const find = () =>
      Promise.resolve({
        id: 'org',
        name: 'Org',
        kind: 'team',
        createdAt: 0,
        accessTokenLifetime: 9,
      } as const);
    const lifetimeOf = createAccessTokenLifetimes({ find }, 3600, randomBytes);
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- of an API only this counts here
    const own = { builtIn: true } as Resource;
    expect(await lifetimeOf({ organizationId: 'org', metadata: {} }, own)).toEqual({
      seconds: 3600,
      reason: 'server',
    });
  });
});

describe('a lifetime drawn at random', () => {
  it('lies between the two ends, evenly', async () => {
    const drawn = await Promise.all(Array.from({ length: 1000 }, lifetimes({ api: RANGE })));
    const seconds = drawn.map((each) => each.seconds);
    const mean = seconds.reduce((sum, each) => sum + each, 0) / seconds.length;
    expect(Math.min(...seconds)).toBeGreaterThanOrEqual(3600);
    expect(Math.max(...seconds)).toBeLessThanOrEqual(5400);
    expect(Math.abs(mean - 4500)).toBeLessThan(90); // five standard errors
    expect(new Set(seconds).size).toBeGreaterThan(100);
  });

  it('is drawn again rather than favour small values', async () => {
    const draws = [new Uint8Array([255, 255, 255, 255]), new Uint8Array([0, 0, 0, 4])];
    const scripted = (): Uint8Array => draws.shift() ?? new Uint8Array(4);
    const lifetime = await lifetimes({ api: { min: 10, max: 12 } }, scripted)();
    expect(lifetime.seconds).toBe(11);
    expect(draws).toHaveLength(0);
  });
});
