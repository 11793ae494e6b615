/** Every claim: what is not well-formed, what is not acceptable, and what is. */
import { describe, expect, it } from 'vitest';
import { key, NOW, outcomeOf, tokenOf } from '../../../testing/cat.ts';
import { CborTag, encodeCbor } from '../../cbor/index.ts';
import type { CborKey, CborMap, CborValue } from '../../cbor/index.ts';
import { createCoseSigner } from '../../cose/index.ts';
import { catClaims, catClaimsFromJson, catClaimsToJson, cattprint, createCat } from '../index.ts';
import type { CatPolicy, CatRequest, JsonValue } from '../index.ts';

const signer = createCoseSigner(key);

/** Of claims that `createCat` would not put into a token. */
function rawToken(claims: CborMap): string {
  return Buffer.from(signer.sign(encodeCbor(claims))).toString('base64url');
}

const map = (...entries: [CborKey, CborValue][]): CborMap => new Map(entries);
const bytes = (size: number): Uint8Array => new Uint8Array(size).fill(1);

/** CTA-5007-B §4.5: what has not the form that it must have is refused, whatever the request. */
const MALFORMED: Readonly<Record<string, readonly CborValue[]>> = {
  iss: [1, null, ['https://issuer.example'], bytes(4)],
  sub: [1, undefined, bytes(4)],
  aud: [1, [], [1], ['https://cdn.example', 1], map()],
  exp: ['1800000001', null, new CborTag(1, NOW + 1), 2n ** 60n],
  nbf: ['0', [], new CborTag(1, 0), -(2n ** 60n)],
  iat: ['0', true, new CborTag(1, 0)],
  cti: ['0b71', bytes(0), 7],
  cnf: [
    map(),
    map([3, bytes(32)]),
    map([323, bytes(31)]),
    map([323, 'x']),
    map([323, bytes(32)], [3, bytes(4)]),
    bytes(32),
  ],
  geohash: ['abc', 'aaaa', 'u6sc0123456789', ['u6sc', 'U6SC'], [], 4],
  catreplay: [3, -1, '0', null, 0.5],
  catpor: [
    0.5,
    [0.5],
    [1.5, 'id'],
    [-1, 'id'],
    ['0.5', 'id'],
    [0.5, null],
    [0.5, 'id', 'never'],
    [0.5, 'id', 1, 2],
  ],
  catv: ['1', -1, 1.5, null],
  catnip: [
    [],
    ['192.0.2.1'],
    [-1],
    [2 ** 32],
    [new CborTag(52, bytes(3))],
    [new CborTag(54, bytes(4))],
    [new CborTag(52, [bytes(4), 24])],
    [new CborTag(52, [33, bytes(4)])],
    [new CborTag(52, [24, Uint8Array.of(192, 0, 2, 1)])],
    [new CborTag(52, [24, Uint8Array.of(192, 0, 0)])],
    [new CborTag(53, bytes(4))],
    [new CborTag(52, map([8, bytes(1)]))],
    new CborTag(52, bytes(4)),
  ],
  catu: [
    map(),
    map([9, map([0, 'x'])]),
    map(['host', map([0, 'x'])]),
    map([1, map()]),
    map([1, 'x']),
    map([1, map([5, 'x'])]),
    map([1, map([0, 1])]),
    map([1, map([-1, bytes(31)])]),
    map([1, map([-1, 'ab'.repeat(32)])]),
    map([1, map([4, ['\\d+']])]),
    map([1, map([4, ['a', 'i']])]),
    map([1, map([4, []])]),
    [],
  ],
  catm: ['GET', [], [1], ['GET', null]],
  catalpn: ['h2', [], ['h2'], bytes(2)],
  cath: [
    map(),
    map([1, map([0, 'x'])]),
    map(['x y', map([0, 'x'])]),
    map(['x', 'y']),
    map(['x', map([9, 'y'])]),
  ],
  catgeoiso3166: ['SE', [], ['se'], ['SWEDEN'], [752]],
  catgeocoord: [
    [],
    [59, 18, 100],
    [[91, 0, 1]],
    [[0, 181, 1]],
    [[0, 0, -1]],
    [[0, 0]],
    new CborTag(279, [4326, [[59, 18, 100]]]),
  ],
  catgeoalt: [10, [10], [10, -1], ['10', 1], [1, 2, 3]],
  cattpk: ['00', bytes(32), Uint8Array.of(0x30, 3, 0), Uint8Array.of(0x30, 0x83, 0, 0, 0)],
  catifdata: [1, [], [1], bytes(1)],
  catdpop: [
    1,
    map([0, -1]),
    map([0, '60']),
    map([1, true]),
    map([-1, []]),
    map([-1, [7]], [7, 1]),
    map([-1, [0]]),
    map([-1, 0], [0, 1]),
  ],
  catif: [
    map(),
    [],
    map([4, 307]),
    map([4, []]),
    map([4, [200]]),
    map([4, [600]]),
    map([4, ['307']]),
    map([4, [307, 'x']]),
    map([4, [307, map([1, 'x'])]]),
    map([4, [307, map(['Location', 1])]]),
    map([4, [307, map(['Location', 'a\r\nSet-Cookie: b'])]]),
    map([4, [307, map(['Loc ation', 'a'])]]),
    map([4, [307, map(['Location', ['a', new CborTag(121, 0)]])]]),
    map([4, [307, map(['Location', 'a']), 1]]),
  ],
  catr: [
    map(),
    map([0, 0]),
    map([1, 60]),
    map([0, 4], [1, 60]),
    map([0, 0], [1, 0]),
    map([0, 0], [1, 60], [8, 1]),
    map([0, 1], [1, 60], [3, 'a=b']),
    map([0, 2], [1, 60], [4, 'a b']),
    map([0, 1], [1, 60], [5, 'Secure']),
    map([0, 1], [1, 60], [5, ['a; b']]),
    map([0, 2], [1, 60], [6, ['a\r\nb']]),
    map([0, 3], [1, 60], [7, 200]),
    map([0, 0], [1, 60], [2, -1]),
  ],
};

const labelOf = (name: string): CborKey => catClaims.find((claim) => claim.name === name)!.label;

describe('a claim that is not well-formed is refused, and named', () => {
  it('there are rows for every claim', () => {
    expect(Object.keys(MALFORMED).toSorted()).toEqual(catClaims.map(({ name }) => name).toSorted());
    expect(catClaims).toHaveLength(25);
  });

  const rows = Object.entries(MALFORMED).flatMap(([name, values]) =>
    values.map((value, index) => ({ name, value, index })),
  );
  it.each(rows)('$name, row $index', async ({ name, value }) => {
    expect(await outcomeOf(rawToken(map([labelOf(name), value])))).toBe(`claim_malformed/${name}`);
  });
});

interface Row {
  readonly claim: Readonly<Record<string, JsonValue>>;
  readonly outcome: string;
  readonly request?: CatRequest;
  readonly policy?: Partial<CatPolicy>;
}

const url = 'https://video.example/a/b/movie.1080p.m3u8?x=1&y=2';
const catu = (component: string, matches: Readonly<Record<string, JsonValue>>) => ({
  claim: { catu: { [component]: matches } },
  request: { url },
});
const at = (latitude: number, longitude: number): CatRequest => ({ place: { latitude, longitude } });
const spki = Uint8Array.of(0x30, 3, 2, 1, 7);
const sha256OfHost = 'ae60bb1b43d4b9bc6b6f9c4ce31ff41f1aa2e1ff06bd1d4d4a1ba36a9d7d1d1a';

/** Refusals first. The names of the sections are those of CTA-5007-B. */
const ROWS: Readonly<Record<string, readonly Row[]>> = {
  '§4.6.8 catv': [
    { claim: { catv: 2 }, outcome: 'wrong_version/catv' },
    { claim: { catv: 0 }, outcome: 'wrong_version/catv' },
    { claim: { catv: 1 }, outcome: 'accepted' },
  ],
  '§4.6.1 iss': [
    { claim: { iss: 'https://other.example' }, outcome: 'wrong_issuer/iss' },
    { claim: { iss: 'https://issuer.example/' }, outcome: 'wrong_issuer/iss' },
    { claim: { iss: '' }, outcome: 'wrong_issuer/iss' },
    { claim: { iss: 'https://issuer.example' }, outcome: 'accepted' },
  ],
  '§4.6.2 aud': [
    { claim: { aud: 'https://other.example' }, outcome: 'wrong_audience/aud' },
    { claim: { aud: ['a', 'b'] }, outcome: 'wrong_audience/aud' },
    { claim: { aud: 'https://cdn.example' }, outcome: 'accepted' },
    { claim: { aud: ['a', 'https://cdn.example'] }, outcome: 'accepted' },
  ],
  '§4.6.3 exp': [
    { claim: { exp: NOW }, outcome: 'expired/exp' },
    { claim: { exp: NOW - 1 }, outcome: 'expired/exp' },
    { claim: { exp: 0 }, outcome: 'expired/exp' },
    { claim: { exp: NOW + 0.5 }, outcome: 'accepted' },
    { claim: { exp: NOW + 1 }, outcome: 'accepted' },
  ],
  '§4.6.4 nbf': [
    { claim: { nbf: NOW + 1 }, outcome: 'not_yet_valid/nbf' },
    { claim: { nbf: NOW + 0.5 }, outcome: 'not_yet_valid/nbf' },
    { claim: { nbf: NOW }, outcome: 'accepted' },
  ],
  '§4.7 what informs only': [
    { claim: { iat: NOW + 1000 }, outcome: 'accepted' },
    { claim: { sub: 'somebody' }, outcome: 'accepted' },
    { claim: { catifdata: ['a', 'b'] }, outcome: 'accepted' },
    { claim: { cti: '0b71' }, outcome: 'accepted' },
  ],
  '§4.6.9 catnip': [
    { claim: { catnip: ['192.0.2.0/24'] }, outcome: 'claim_unsupported/catnip' },
    { claim: { catnip: ['192.0.2.0/24'] }, request: { ip: '192.0.3.0' }, outcome: 'wrong_network/catnip' },
    { claim: { catnip: ['192.0.2.0/24'] }, request: { ip: 'nonsense' }, outcome: 'wrong_network/catnip' },
    { claim: { catnip: ['192.0.2.0/24'] }, request: { asn: 64512 }, outcome: 'wrong_network/catnip' },
    { claim: { catnip: [64512] }, request: { ip: '192.0.2.1' }, outcome: 'wrong_network/catnip' },
    { claim: { catnip: [64512] }, request: { asn: 64513 }, outcome: 'wrong_network/catnip' },
    { claim: { catnip: ['2001:db8::/32'] }, request: { ip: '2001:db9::1' }, outcome: 'wrong_network/catnip' },
    { claim: { catnip: ['::/0'] }, request: { ip: '192.0.2.1' }, outcome: 'wrong_network/catnip' },
    { claim: { catnip: ['192.0.2.0/24'] }, request: { ip: '192.0.2.255' }, outcome: 'accepted' },
    { claim: { catnip: ['192.0.2.0/24'] }, request: { ip: '::ffff:192.0.2.7' }, outcome: 'accepted' },
    { claim: { catnip: ['::ffff:192.0.2.0/120'] }, request: { ip: '192.0.2.7' }, outcome: 'accepted' },
    { claim: { catnip: ['192.0.2.129/25'] }, request: { ip: '192.0.2.128' }, outcome: 'accepted' },
    { claim: { catnip: ['0.0.0.0/0'] }, request: { ip: '203.0.113.9' }, outcome: 'accepted' },
    { claim: { catnip: ['2001:db8::/32'] }, request: { ip: '2001:DB8:ffff::1' }, outcome: 'accepted' },
    { claim: { catnip: [64512] }, request: { asn: 64512, ip: '192.0.2.1' }, outcome: 'accepted' },
    { claim: { catnip: ['64512'] }, request: { asn: 64512 }, outcome: 'accepted' },
    { claim: { catnip: ['10.0.0.0/8', 64512] }, request: { asn: 64512 }, outcome: 'accepted' },
  ],
  '§4.6.10 catu': [
    { ...catu('host', { exact: 'video.example' }), request: {}, outcome: 'claim_unsupported/catu' },
    {
      ...catu('host', { exact: 'video.example' }),
      request: { url: '/a' },
      outcome: 'claim_unsupported/catu',
    },
    {
      ...catu('path', { prefix: '/a' }),
      request: { url: 'https://a:b@video.example/a' },
      outcome: 'claim_unsupported/catu',
    },
    {
      ...catu('path', { prefix: '/a' }),
      request: { url: 'https://video.example/a%zz' },
      outcome: 'claim_unsupported/catu',
    },
    {
      ...catu('path', { prefix: '/a' }),
      request: { url: 'https://video.example\\@evil.example/a' },
      outcome: 'claim_unsupported/catu',
    },
    {
      ...catu('path', { prefix: '/a/' }),
      request: { url: 'https://video.example/a/../secret' },
      outcome: 'wrong_uri/catu',
    },
    {
      ...catu('path', { prefix: '/a/' }),
      request: { url: 'https://video.example/a/%2E%2e/secret' },
      outcome: 'wrong_uri/catu',
    },
    { ...catu('host', { suffix: '.example.evil' }), outcome: 'wrong_uri/catu' },
    { ...catu('scheme', { exact: 'http' }), outcome: 'wrong_uri/catu' },
    { ...catu('port', { exact: '443' }), outcome: 'wrong_uri/catu' },
    { ...catu('path', { prefix: '/a', suffix: '.mpd' }), outcome: 'wrong_uri/catu' },
    { ...catu('query', { exact: 'x=1' }), outcome: 'wrong_uri/catu' },
    { ...catu('stem', { exact: 'mov' }), outcome: 'wrong_uri/catu' },
    { ...catu('host', { sha256: sha256OfHost }), outcome: 'wrong_uri/catu' },
    { ...catu('path', { regex: '^/b' }), outcome: 'wrong_uri/catu' },
    {
      claim: { catu: { host: { exact: 'video.example' }, path: { prefix: '/b' } } },
      request: { url },
      outcome: 'wrong_uri/catu',
    },
    { ...catu('host', { exact: 'video.example' }), outcome: 'accepted' },
    {
      ...catu('host', { exact: 'video.example' }),
      request: { url: 'HTTPS://VIDEO.example:443' },
      outcome: 'accepted',
    },
    { ...catu('path', { exact: '/' }), request: { url: 'https://video.example' }, outcome: 'accepted' },
    {
      ...catu('port', { exact: '8443' }),
      request: { url: 'https://video.example:8443/' },
      outcome: 'accepted',
    },
    { ...catu('path', { prefix: '/a', suffix: '.m3u8', contains: '1080p' }), outcome: 'accepted' },
    { ...catu('query', { exact: 'x=1&y=2' }), outcome: 'accepted' },
    { ...catu('query', { exact: 'y=2&x=1' }), outcome: 'accepted' },
    { ...catu('parent-path', { exact: '/a/b' }), outcome: 'accepted' },
    { ...catu('filename', { exact: 'movie.1080p.m3u8' }), outcome: 'accepted' },
    // A name with two dots is read in both ways that are in the field.
    { ...catu('stem', { exact: 'movie' }), outcome: 'accepted' },
    { ...catu('stem', { exact: 'movie.1080p' }), outcome: 'accepted' },
    { ...catu('extension', { exact: '.m3u8' }), outcome: 'accepted' },
    { ...catu('extension', { exact: '.1080p.m3u8' }), outcome: 'accepted' },
    { ...catu('path', { regex: ['^/a/[[:alpha:]]/movie\\.[0-9]{3,4}p\\.m3u8$'] }), outcome: 'accepted' },
  ],
  '§4.6.11 catm': [
    { claim: { catm: ['GET'] }, outcome: 'claim_unsupported/catm' },
    { claim: { catm: ['GET'] }, request: { method: 'get' }, outcome: 'wrong_method/catm' },
    { claim: { catm: ['GET'] }, request: { method: 'POST' }, outcome: 'wrong_method/catm' },
    { claim: { catm: ['GET', 'HEAD'] }, request: { method: 'HEAD' }, outcome: 'accepted' },
    {
      claim: { catm: Array.from({ length: 50 }, (_, index) => `M${index}`) },
      request: { method: 'M49' },
      outcome: 'accepted',
    },
  ],
  '§4.6.12 catalpn': [
    { claim: { catalpn: ['h2'] }, outcome: 'wrong_protocol/catalpn' },
    { claim: { catalpn: ['h2'] }, request: { alpn: 'http/1.1' }, outcome: 'wrong_protocol/catalpn' },
    { claim: { catalpn: ['h3', 'h2'] }, request: { alpn: 'h2' }, outcome: 'accepted' },
  ],
  '§4.6.13 cath': [
    { claim: { cath: { 'X-Device': { exact: 'tv' } } }, outcome: 'wrong_header/cath' },
    {
      claim: { cath: { 'X-Device': { exact: 'tv' } } },
      request: { headers: { 'x-device': 'phone' } },
      outcome: 'wrong_header/cath',
    },
    {
      claim: { cath: { 'X-Device': { exact: 'tv' }, 'X-Other': { prefix: '' } } },
      request: { headers: { 'x-device': 'tv' } },
      outcome: 'wrong_header/cath',
    },
    {
      claim: { cath: { 'X-Device': { exact: 'tv' } } },
      request: { headers: { 'X-DEVICE': ' tv\t' } },
      outcome: 'accepted',
    },
    {
      claim: { cath: { 'X-Device': { exact: 'tv, wide' } } },
      request: { headers: { 'x-device': ['tv', 'wide'] } },
      outcome: 'accepted',
    },
    {
      claim: { cath: { 'X-Device': { suffix: 'v' } } },
      request: { headers: new Headers({ 'x-device': 'tv' }) },
      outcome: 'accepted',
    },
  ],
  '§4.6.14 catgeoiso3166': [
    { claim: { catgeoiso3166: ['SE'] }, outcome: 'claim_unsupported/catgeoiso3166' },
    {
      claim: { catgeoiso3166: ['SE'] },
      request: { place: { regions: ['NO'] } },
      outcome: 'wrong_place/catgeoiso3166',
    },
    {
      claim: { catgeoiso3166: ['SE-AB'] },
      request: { place: { regions: ['SE'] } },
      outcome: 'wrong_place/catgeoiso3166',
    },
    { claim: { catgeoiso3166: ['SE'] }, request: { place: { regions: ['SE-AB'] } }, outcome: 'accepted' },
    {
      claim: { catgeoiso3166: ['NO', 'SWE'] },
      request: { place: { regions: ['SE', 'SWE'] } },
      outcome: 'accepted',
    },
  ],
  '§4.6.15 catgeocoord': [
    { claim: { catgeocoord: [[59.33, 18.07, 1000]] }, outcome: 'claim_unsupported/catgeocoord' },
    {
      claim: { catgeocoord: [[59.33, 18.07, 1000]] },
      request: at(59.35, 18.07),
      outcome: 'wrong_place/catgeocoord',
    },
    { claim: { catgeocoord: [[59.33, 18.07, 1000]] }, request: at(59.335, 18.07), outcome: 'accepted' },
    { claim: { catgeocoord: [[0, 179.999, 1000]] }, request: at(0, -179.999), outcome: 'accepted' },
    {
      claim: {
        catgeocoord: [
          [0, 0, 1],
          [59, 18, 10],
        ],
      },
      request: at(59, 18),
      outcome: 'accepted',
    },
  ],
  '§4.6.16 geohash': [
    { claim: { geohash: 'u6sc' }, outcome: 'claim_unsupported/geohash' },
    { claim: { geohash: 'u6sc' }, request: at(-59.33, 18.07), outcome: 'wrong_place/geohash' },
    { claim: { geohash: 'ezs42' }, request: at(42.605, -5.603), outcome: 'accepted' },
    { claim: { geohash: ['u6sc', '9q8yyk'] }, request: at(37.775, -122.419), outcome: 'accepted' },
  ],
  '§4.6.17 catgeoalt': [
    { claim: { catgeoalt: [100, 5] }, outcome: 'claim_unsupported/catgeoalt' },
    {
      claim: { catgeoalt: [100, 5] },
      request: { place: { altitudeMetres: 106 } },
      outcome: 'wrong_place/catgeoalt',
    },
    { claim: { catgeoalt: [100, 5] }, request: { place: { altitudeMetres: 95 } }, outcome: 'accepted' },
  ],
  '§4.6.18 cattpk': [
    { claim: { cattpk: '3003020107' }, outcome: 'claim_unsupported/cattpk' },
    { claim: { cattpk: '3003020107' }, request: { tlsKeys: [] }, outcome: 'wrong_tls_key/cattpk' },
    { claim: { cattpk: '3003020108' }, request: { tlsKeys: [spki] }, outcome: 'wrong_tls_key/cattpk' },
    { claim: { cattpk: '3003020107' }, request: { tlsKeys: [Uint8Array.of(1), spki] }, outcome: 'accepted' },
  ],
  '§4.8.2 catdpop without a key': [{ claim: { catdpop: { window: 60 } }, outcome: 'claim_missing/catdpop' }],
  '§4.9 answers and renewal are no conditions': [
    { claim: { catif: { exp: [307, { Location: 'https://a.example/' }] } }, outcome: 'accepted' },
    { claim: { catr: { type: 'header', expadd: 60 } }, outcome: 'accepted' },
  ],
  'cattprint, where it is taken': [
    { claim: { 324: { type: 'JA4', value: 'ab' } }, outcome: 'claim_unknown/324' },
    {
      claim: { cattprint: { type: 'JA4', value: 'ab' } },
      policy: { extensions: [cattprint] },
      outcome: 'claim_unsupported/cattprint',
    },
    {
      claim: { cattprint: { type: 'JA4', value: 'ab' } },
      policy: { extensions: [cattprint] },
      request: { tlsFingerprints: { JA4: 'ac', JA3: 'ab' } },
      outcome: 'wrong_fingerprint/cattprint',
    },
    {
      claim: { cattprint: { type: 'JA4', value: 'ab' } },
      policy: { extensions: [cattprint] },
      request: { tlsFingerprints: { JA4: 'AB' } },
      outcome: 'accepted',
    },
  ],
};

describe.each(Object.entries(ROWS))('%s', (_, rows) => {
  it.each(rows)('$claim with $request: $outcome', async ({ claim, outcome, request, policy }) => {
    const claims = catClaimsFromJson(claim, { extensions: [cattprint] });
    expect(await outcomeOf(rawToken(claims), request, policy)).toBe(outcome);
    // What JSON says of it makes the same claims again.
    const json = catClaimsToJson(claims, { extensions: [cattprint] });
    expect(encodeCbor(catClaimsFromJson(json, { extensions: [cattprint] }))).toEqual(encodeCbor(claims));
  });
});

describe('JSON', () => {
  it.each<[string, string, JsonValue]>([
    ['an unknown name', 'claim_unknown', { catx: 1 }],
    ['a network that is none', 'claim_malformed', { catnip: ['somewhere'] }],
    ['a match of an unknown kind', 'claim_malformed', { catu: { host: { like: 'x' } } }],
    ['an unknown component', 'claim_malformed', { catu: { user: { exact: 'x' } } }],
    ['an unknown part of a renewal', 'claim_malformed', { catr: { kind: 'header' } }],
    ['an identifier that is not hexadecimal', 'claim_malformed', { cti: 'xyz' }],
    ['a list', 'malformed_claims', []],
  ])('%s: %s', (_, code, json) => {
    expect(() => catClaimsFromJson(json)).toThrow(expect.objectContaining({ code }));
  });

  it('has the spelling of Akamai and that of Eyevinn', () => {
    const one = catClaimsFromJson({
      catu: { path: { prefix: '/a', regex: 'b' } },
      cath: { A: { exact: 'b' } },
    });
    const other = catClaimsFromJson({
      catu: { path: { 'prefix-match': '/a', 'regex-match': ['b'] } },
      cath: { A: { 'exact-match': 'b' } },
    });
    expect(encodeCbor(one)).toEqual(encodeCbor(other));
  });
});

describe('a token that says where somebody is', () => {
  it.each<Readonly<Record<string, JsonValue>>>([
    { catnip: ['192.0.2.1'] },
    { catnip: ['192.0.2.0/25'] },
    { catnip: ['2001:db8::/57'] },
    { geohash: 'u6sce' },
    { catgeocoord: [[59, 18, 10]] },
  ])('is made only where that is allowed: %j', (claim) => {
    const claims = catClaimsFromJson(claim);
    expect(() => createCat(claims, { key })).toThrow(
      expect.objectContaining({ code: 'claim_unsupported', claim: Object.keys(claim)[0] }),
    );
    expect(tokenOf(claim)).toMatch(/^[\w-]+$/);
  });
  it('is made where it says no more than a region', () => {
    const claims = catClaimsFromJson({ catnip: ['192.0.2.0/24', '2001:db8::/56', 64512], geohash: 'u6sc' });
    expect(createCat(claims, { key })).toMatch(/^[\w-]+$/);
  });
});
