import { deflateSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from 'vitest';
import { encodeBase64url } from '../base64url.ts';
import { importPublicJwk } from '../jwk.ts';
import type { VerificationKey } from '../jwk.ts';
import { JwtError } from '../jwt-error.ts';
import { createJwtSigner } from '../jwt-signer.ts';
import { generateSigningKey, importSigningKey } from '../signing-key.ts';
import type { SigningKeyHandle } from '../signing-key.ts';
import { createStatusList } from './status-list.ts';
import { StatusListError } from './status-list-error.ts';
import { statusListClaims, verifyStatusListJwt } from './status-list-jwt.ts';
import { readStatusReference, statusClaim } from './status-reference.ts';

const URI = 'https://example.com/statuslists/1';
const NOW = 1_790_000_000_000;

let signing: SigningKeyHandle;
let key: VerificationKey | undefined;
beforeAll(async () => {
  const made = await generateSigningKey('ES256');
  signing = importSigningKey(made);
  key = importPublicJwk(made.publicJwk);
});

const list = (() => {
  const made = createStatusList(1, 16);
  for (const index of [0, 3, 4, 5, 7, 8, 9, 13, 15]) made.set(index, 1);
  return made;
})();
const content = { uri: URI, issuedAt: NOW / 1000, expiresAt: NOW / 1000 + 3600, ttl: 60, list };
const sign = (payload: object, typ = 'statuslist+jwt'): string => createJwtSigner(signing, typ).sign(payload);
const verify = (token: string, nowMs: number = NOW) =>
  verifyStatusListJwt(token, {
    findKey: () => key,
    algs: ['ES256'],
    uri: URI,
    nowMs,
    maximumBytes: 131_072,
  });
const refusal = async (token: string, nowMs: number = NOW): Promise<string> => {
  const error: unknown = await verify(token, nowMs).catch((reason: unknown) => reason);
  return error instanceof StatusListError || error instanceof JwtError ? error.code : 'accepted';
};

describe('a status list as a JWT (§5.1)', () => {
  const claims = (more: object = {}): object => ({ ...statusListClaims(content), ...more });
  const withList = (more: object): object =>
    claims({ status_list: { bits: 1, lst: 'eNrbuRgAAhcBXQ', ...more } });
  const refused: readonly (readonly [code: string, what: string, token: () => string])[] = [
    ['typ_not_allowed', 'a JWT of another type', () => sign(claims(), 'at+jwt')],
    ['bad_signature', 'a changed signature', () => `${sign(claims()).slice(0, -4)}AAAA`],
    ['wrong_subject', 'another list', () => sign(claims({ sub: `${URI}0` }))],
    ['malformed_list', 'no subject', () => sign(claims({ sub: undefined }))],
    ['malformed_list', 'no time of issue', () => sign(claims({ iat: undefined }))],
    ['malformed_list', 'an expiry that is no number', () => sign(claims({ exp: '9999999999' }))],
    ['malformed_list', 'a ttl of 0', () => sign(claims({ ttl: 0 }))],
    ['malformed_list', 'no list', () => sign(claims({ status_list: undefined }))],
    ['malformed_list', 'a list of 3 bits', () => sign(withList({ bits: 3 }))],
    ['malformed_list', 'bits as text', () => sign(withList({ bits: '1' }))],
    ['malformed_list', 'a list that is no base64url', () => sign(withList({ lst: 'eNrbuRgAAhcBXQ==' }))],
    ['malformed_list', 'a list that is not compressed', () => sign(withList({ lst: 'uaM' }))],
    [
      'too_large',
      'a small list that grows',
      () => sign(withList({ lst: encodeBase64url(deflateSync(new Uint8Array(131_073), { level: 9 })) })),
    ],
    ['too_large', 'a JWT larger than any list', () => sign(claims({ more: 'A'.repeat(400_000) }))],
  ];
  it.each(refused)('is refused as %s: %s', async (code, _what, token) => {
    expect(await refusal(token())).toBe(code);
  });
  it('is refused from its expiry on', async () => {
    expect(await refusal(sign(claims()), NOW + 3_600_000)).toBe('expired');
    expect(await refusal(sign(claims()), NOW + 3_599_999)).toBe('accepted');
  });
  it('is refused when nobody knows its key', async () => {
    const unknown = verifyStatusListJwt(sign(claims()), {
      findKey: () => undefined,
      algs: ['ES256'],
      uri: URI,
      nowMs: NOW,
      maximumBytes: 100,
    });
    await expect(unknown).rejects.toMatchObject({ code: 'unknown_key' });
  });
  it('says what it was made of, and its list is that of the draft (§4.2)', async () => {
    expect(statusListClaims({ ...content, aggregationUri: 'https://example.com/statuslists' })).toEqual({
      sub: URI,
      iat: NOW / 1000,
      exp: NOW / 1000 + 3600,
      ttl: 60,
      status_list: {
        bits: 1,
        lst: 'eNrbuRgAAhcBXQ',
        aggregation_uri: 'https://example.com/statuslists',
      },
    });
    const read = await verify(sign(claims()));
    expect(read).toMatchObject({ issuedAt: NOW / 1000, expiresAt: NOW / 1000 + 3600, ttl: 60 });
    expect(Array.from({ length: 16 }, (_, index) => read.list.get(index))).toEqual([
      1, 0, 0, 1, 1, 1, 0, 1, 1, 1, 0, 0, 0, 1, 0, 1,
    ]);
  });
  it('may be as large as the limit says, however badly it is compressed', async () => {
    const noise = new Uint8Array(131_072);
    for (let index = 0; index < noise.length; index += 1)
      noise[index] = (index * index * 2_654_435_761) >>> 13;
    const lst = encodeBase64url(deflateSync(noise, { level: 0 }));
    const read = await verify(sign(withList({ lst })));
    expect(read.list.size).toBe(131_072 * 8);
  });
});

describe('the status claim of a token (§6.2, §6.3)', () => {
  const reference = { idx: 0, uri: URI };
  const asMap = new Map([
    [
      'status_list',
      new Map<string, unknown>([
        ['idx', 0],
        ['uri', URI],
      ]),
    ],
  ]);
  it.each([
    ['null', null],
    ['a text', 'status_list'],
    ['a list', [{ status_list: reference }]],
    ['bytes', new Uint8Array(3)],
    ['a reference without an index', { status_list: { uri: URI } }],
    ['a negative index', { status_list: { idx: -1, uri: URI } }],
    ['a fraction', { status_list: { idx: 0.5, uri: URI } }],
    ['an index as text', { status_list: { idx: '0', uri: URI } }],
    ['no URI', { status_list: { idx: 0 } }],
    ['a relative URI', { status_list: { idx: 0, uri: '/statuslists/1' } }],
    ['a reference that is no object', { status_list: 'x' }],
    ['a map without an index', new Map([['status_list', new Map([['uri', URI]])]])],
  ])('is refused when it is %s', (_what, status) => {
    expect(() => readStatusReference(status)).toThrow(StatusListError);
  });
  it('of another mechanism is not taken for none', () => {
    expect(() => readStatusReference({ other: {} })).toThrow(
      expect.objectContaining({ code: 'unsupported_mechanism' }),
    );
    expect(() => readStatusReference(new Map())).toThrow(
      expect.objectContaining({ code: 'unsupported_mechanism' }),
    );
  });
  it('is read from a JWT and from a CWT, and may be absent', () => {
    expect(readStatusReference(undefined)).toBeUndefined();
    expect(readStatusReference(statusClaim(reference))).toEqual(reference);
    expect(readStatusReference(asMap)).toEqual(reference);
  });
});
