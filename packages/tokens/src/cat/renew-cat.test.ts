/** Renewal: when, with which claims, and how it is handed over. */
import { describe, expect, it } from 'vitest';
import { key, NOW, outcomeOf, policy } from '../../testing/cat.ts';
import { catClaimsFromJson, catClaimsToJson, decodeCat, renewCat } from './index.ts';
import type { CatCarrier, CatRenewal, JsonValue, RenewalOutcome } from './index.ts';

const header: CatCarrier = { kind: 'header', name: 'CTA-Common-Access-Token' };
const cookie: CatCarrier = { kind: 'cookie', name: 'cta-common-access-token' };
const query: CatCarrier = { kind: 'query', name: 'CAT' };
const path: CatCarrier = { kind: 'path', segment: 0, prefix: 'cat:' };

type Json = Readonly<Record<string, JsonValue>>;

function renew(
  catr: Json | undefined,
  more: Json = {},
  options: Partial<CatRenewal> = {},
): RenewalOutcome | undefined {
  const claims = catClaimsFromJson({ exp: NOW + 30, ...(catr !== undefined && { catr }), ...more });
  return renewCat(claims, {
    key,
    issuer: 'https://issuer.example',
    clock: () => NOW * 1000,
    random: (size) => new Uint8Array(size).fill(9),
    carrier: header,
    url: 'https://video.example/a?b=1&CAT=old',
    ...options,
  });
}

describe('a token is not renewed (CTA-5007-B §4.9.2)', () => {
  it.each<[string, RenewalOutcome | undefined]>([
    ['that does not ask for it', renew(undefined)],
    ['long before its end', renew({ type: 'header', expadd: 120 }, { exp: NOW + 100 })],
    ['before its deadline', renew({ type: 'header', expadd: 120, deadline: 60 }, { exp: NOW + 61 })],
    ['that has ended', renew({ type: 'header', expadd: 120 }, { exp: NOW })],
    ['after a deadline that is a time', renew({ type: 'header', expadd: 120, deadline: NOW })],
    ['by redirection without a URL that carried it', renew({ type: 'redirect', expadd: 120 })],
    [
      'by a redirection that would lead to the next one',
      renew({ type: 'redirect', expadd: 60, deadline: 60 }, {}, { carrier: query }),
    ],
  ])('%s', (_, outcome) => {
    expect(outcome).toBeUndefined();
  });
});

describe('a token is renewed', () => {
  it.each<[string, Json, number]>([
    ['60 s before its end', { type: 'header', expadd: 120 }, 60],
    ['within its deadline', { type: 'header', expadd: 120, deadline: 105 }, 100],
    ['at its deadline', { type: 'header', expadd: 120, deadline: 60 }, 60],
    ['in the last second', { type: 'header', expadd: 120, deadline: 1 }, 1],
    ['before a deadline that is a time', { type: 'header', expadd: 120, deadline: NOW + 1 }, 60],
  ])('%s', (_, catr, left) => {
    expect(renew(catr, { exp: NOW + left })?.exp).toBe(NOW + 120);
  });

  it('for as long as it says, by a new issuer, with a new identifier; the rest stays', () => {
    const more = {
      iss: 'https://first.example',
      sub: 'somebody',
      nbf: NOW - 60,
      iat: NOW - 60,
      cti: '0b71',
      catreplay: 1,
      catnip: ['192.0.2.7'],
    };
    const outcome = renew({ type: 'header', expadd: 120 }, more);
    expect(catClaimsToJson(decodeCat(outcome?.token ?? '').claims)).toEqual({
      iss: 'https://issuer.example',
      sub: 'somebody',
      exp: NOW + 120,
      nbf: NOW,
      iat: NOW,
      cti: '09'.repeat(16),
      catv: 1,
      catreplay: 1,
      catnip: ['192.0.2.7'],
      catr: { type: 'header', expadd: 120 },
    });
  });

  it('to one that is accepted until its new end', async () => {
    const { token } = renew({ type: 'header', expadd: 120 })!;
    const at = (seconds: number) => outcomeOf(token, {}, { ...policy, clock: () => seconds * 1000 });
    expect([await at(NOW + 119), await at(NOW + 120)]).toEqual(['accepted', 'expired/exp']);
  });
});

describe('it is handed over', () => {
  const shown = (outcome: RenewalOutcome | undefined) =>
    outcome && JSON.parse(JSON.stringify(outcome).replaceAll(outcome.token, 'TOKEN'));

  it.each<[string, CatCarrier, Json, object]>([
    [
      'in a header',
      query,
      { type: 'header' },
      { header: { name: 'CTA-Common-Access-Token', value: 'TOKEN' } },
    ],
    [
      'in a header with a name and parameters',
      header,
      { type: 'header', 'header-name': 'X-PV', 'header-params': ['Secure', 'Domain=.example'], code: 301 },
      { header: { name: 'X-PV', value: 'TOKEN; Secure; Domain=.example' } },
    ],
    ['in a cookie', header, { type: 'cookie' }, { setCookie: 'CTA-Common-Access-Token=TOKEN' }],
    [
      'in a cookie with a name and parameters',
      header,
      { type: 'cookie', 'cookie-name': 'cat', 'cookie-params': ['Secure', 'HttpOnly', 'Path=/'] },
      { setCookie: 'cat=TOKEN; Secure; HttpOnly; Path=/' },
    ],
    [
      'by redirection',
      query,
      { type: 'redirect' },
      { status: 307, location: 'https://video.example/a?b=1&CAT=TOKEN' },
    ],
    [
      'by redirection with a status',
      query,
      { type: 'redirect', code: 302 },
      { status: 302, location: 'https://video.example/a?b=1&CAT=TOKEN' },
    ],
    [
      'where it came from: header',
      header,
      { type: 'automatic' },
      { header: { name: header.name, value: 'TOKEN' } },
    ],
    [
      'where it came from: Authorization',
      { kind: 'bearer' },
      { type: 'automatic' },
      { header: { name: 'CTA-Common-Access-Token', value: 'TOKEN' } },
    ],
    [
      'where it came from: cookie',
      cookie,
      { type: 'automatic' },
      { setCookie: 'cta-common-access-token=TOKEN' },
    ],
    [
      'where it came from: query',
      query,
      { type: 'automatic' },
      { status: 307, location: 'https://video.example/a?b=1&CAT=TOKEN' },
    ],
  ])('%s', (_, carrier, catr, expected) => {
    expect(shown(renew({ expadd: 120, ...catr }, {}, { carrier }))).toMatchObject(expected);
  });

  it('where it came from: path', () => {
    const url = 'https://video.example/cat:old/a/b.m3u8?x=1';
    const outcome = renew({ type: 'automatic', expadd: 120 }, {}, { carrier: path, url });
    expect(shown(outcome)).toMatchObject({
      status: 307,
      location: 'https://video.example/cat:TOKEN/a/b.m3u8?x=1',
    });
  });
});
