/** Where tokens are found, and what is left of a request without them. */
import { describe, expect, it } from 'vitest';
import { describeError, NOW, policy, tokenOf } from '../../testing/cat.ts';
import { CatError, createReplayMemory, findCats, stripCats, verifyCatRequest } from './index.ts';
import type { CarrierRules, CatRequest } from './index.ts';

const tokens = (request: CatRequest, rules?: CarrierRules): readonly string[] =>
  findCats(request, rules).map(({ token, carrier }) => `${carrier.kind} ${token}`);

describe('no token is found', () => {
  it.each<[string, CatRequest, CarrierRules?]>([
    ['in nothing', {}],
    ['in the query, unless a route says so', { url: 'https://a.example/?CAT=abc' }],
    ['under another name of the query', { url: 'https://a.example/?cat=abc' }, { query: ['CAT'] }],
    ['in the path, unless a route says so', { url: 'https://a.example/cat:abc/x' }],
    ['in a path that is too short', { url: 'https://a.example' }, { path: { segment: 0 } }],
    ['in Authorization, unless a route says so', { headers: { authorization: 'Bearer abc' } }],
    ['in Authorization of another scheme', { headers: { authorization: 'DPoP abc' } }, { bearer: true }],
    ['in another cookie', { headers: { cookie: 'a=CTA-Common-Access-Token; token=abc' } }],
    ['where what is there is none', { headers: { 'cta-common-access-token': 'a b, , ;' } }],
    [
      'under the usual name, where another is set',
      { headers: { 'cta-common-access-token': 'a' } },
      { headers: ['x'] },
    ],
  ])('%s', (_, request, rules) => {
    expect(tokens(request, rules)).toEqual([]);
  });
});

describe('tokens are found', () => {
  it.each<[string, CatRequest, CarrierRules | undefined, readonly string[]]>([
    ['in the header', { headers: { 'CTA-COMMON-Access-Token': 'abc' } }, undefined, ['header abc']],
    [
      'in headers of fetch',
      { headers: new Headers({ 'CTA-Common-Access-Token': 'abc' }) },
      undefined,
      ['header abc'],
    ],
    [
      'several of them',
      {
        headers: { 'cta-common-access-token': ['a1,b2', 'c3; Secure'], cookie: 'CTA-Common-Access-Token=d4' },
      },
      undefined,
      ['header a1', 'header b2', 'header c3', 'cookie d4'],
    ],
    [
      'among other cookies, quoted too',
      { headers: { cookie: 'a=b; cta-common-access-token=abc; CTA-Common-Access-Token="def";' } },
      undefined,
      ['cookie abc', 'cookie def'],
    ],
    ['in a header of one’s own', { headers: { 'x-pv': 'abc' } }, { headers: ['X-PV'] }, ['header abc']],
    ['in Authorization', { headers: { Authorization: 'bearer abc' } }, { bearer: true }, ['bearer abc']],
    [
      'in the query, beside cookies',
      { url: '/a?x=1&CAT=abc%3D&cat=def', headers: { cookie: 'a=b' } },
      { query: ['CAT', 'cat'] },
      ['query abc=', 'query def'],
    ],
    ['in the path by place', { url: 'https://a.example/abc/x.m3u8' }, { path: { segment: 0 } }, ['path abc']],
    [
      'in the path by prefix',
      { url: 'https://a.example/x/cat%3Aabc/y' },
      { path: { prefix: 'cat:' } },
      ['path abc'],
    ],
  ])('%s', (_, request, rules, expected) => {
    expect(tokens(request, rules)).toEqual(expected);
  });

  it('sixteen at the most', () => {
    expect(tokens({ headers: { 'cta-common-access-token': Array(40).fill('abc').join() } })).toHaveLength(16);
  });
});

describe('without its tokens a request', () => {
  const everywhere: CarrierRules = { query: ['CAT'], path: { prefix: 'cat:' }, bearer: true };
  it.each<[string, string, CarrierRules, string]>([
    [
      'has no token in the query',
      'https://a.example/x?a=1&CAT=t&b=2#f',
      everywhere,
      'https://a.example/x?a=1&b=2',
    ],
    ['has none of several', '/x?CAT=t&CAT=u&%43AT=v', everywhere, '/x'],
    [
      'has a path that begins after it',
      'https://a.example/cat:t/x/y?z',
      everywhere,
      'https://a.example/x/y?z',
    ],
    ['has a path still', 'https://a.example/t', { path: { segment: 0 } }, 'https://a.example/'],
    ['keeps what is of another', 'https://a.example/x?cat=1', everywhere, 'https://a.example/x?cat=1'],
    [
      'keeps everything where nothing is set',
      'https://a.example/cat:t/x?CAT=1',
      {},
      'https://a.example/cat:t/x?CAT=1',
    ],
  ])('%s', (_, url, rules, left) => {
    expect(stripCats({ url }, rules).url).toBe(left);
  });

  it('has no header and no cookie with one', () => {
    const headers = {
      'CTA-Common-Access-Token': 'abc',
      Cookie: 'a=b; CTA-Common-Access-Token=abc; c=d',
      authorization: 'Bearer abc',
      accept: ['a', 'b'],
      'x-empty': undefined,
    };
    expect(stripCats({ headers }, everywhere).headers).toEqual({ Cookie: 'a=b; c=d', accept: ['a', 'b'] });
    expect(stripCats({ headers }).headers['authorization']).toBe('Bearer abc');
    const only = { cookie: 'cta-common-access-token=abc' };
    expect(stripCats({ headers: new Headers(only) }).headers).toEqual({});
  });
});

describe('of several tokens one is enough (CTA-5007-B §4.4)', () => {
  const good = tokenOf({ exp: NOW + 60, sub: 'good' });
  const late = tokenOf({ exp: NOW });
  const strange = `${good.slice(0, -3)}AAA`;
  const verify = async (list: readonly string[], more: Partial<typeof policy> = {}) => {
    try {
      const headers = { 'cta-common-access-token': list.join(', ') };
      const { cat } = await verifyCatRequest({ headers }, { ...policy, ...more });
      return cat.claims.get(2);
    } catch (error) {
      if (error instanceof CatError) return describeError(error);
      throw error;
    }
  };

  it.each([
    [[], 'missing_token'],
    [[strange], 'bad_signature'],
    [[strange, late], 'expired/exp'],
    [[late, strange], 'expired/exp'],
    [[late, late, late, late, strange, good], 'good'],
    [[good, late], 'good'],
  ])('row %#: %s', async (list, expected) => {
    expect(await verify(list)).toBe(expected);
  });

  it('and the ones after it are not used up', async () => {
    const replays = createReplayMemory(policy.clock);
    const once = (sub: string, cti: string) => tokenOf({ sub, cti, exp: NOW + 60, catreplay: 1 });
    const [first, second] = [once('first', '01'), once('second', '02')];
    const memory = { replays };
    expect(await verify([first, second], { memory })).toBe('first');
    expect(await verify([first, second], { memory })).toBe('second');
    expect(await verify([first, second], { memory })).toBe('reused/catreplay');
  });

  it('claims about the URI see it without the token, and it is gone for whoever comes next', async () => {
    const token = tokenOf({ catu: { path: { exact: '/a.m3u8' }, query: { exact: 'x=1' } } });
    const request = { url: `https://video.example/a.m3u8?CAT=${token}&x=1`, method: 'GET' };
    const { request: left, carrier } = await verifyCatRequest(request, policy, { query: ['CAT'] });
    expect(left.url).toBe('https://video.example/a.m3u8?x=1');
    expect(carrier).toEqual({ kind: 'query', name: 'CAT' });
  });
});
