import { beforeAll, describe, expect, it } from 'vitest';
import { encodeCbor } from '../cbor/encode.ts';
import type { CborKey, CborValue } from '../cbor/value.ts';
import { CoseError } from '../cose/cose-error.ts';
import { createMacKey, kidBytes } from '../cose/key.ts';
import { decodeCose } from '../cose/message.ts';
import { createCoseSigner } from '../cose/sign.ts';
import { importPublicJwk } from '../jwk.ts';
import type { VerificationKey } from '../jwk.ts';
import { generateSigningKey, importSigningKey } from '../signing-key.ts';
import type { SigningKeyHandle } from '../signing-key.ts';
import { createStatusList } from './status-list.ts';
import { StatusListError } from './status-list-error.ts';
import { encodeStatusListClaims, readStatusListClaims, verifyStatusListCwt } from './status-list-cwt.ts';

const URI = 'https://example.com/statuslists/1';
const NOW = 1_790_000_000_000;
/** draft-ietf-oauth-status-list-15 §5.2: a status list token in CWT format. Its key is not published. */
const EXAMPLE = Buffer.from(
  'd2845820a2012610781a6170706c69636174696f6e2f7374617475736c6973742b63' +
    '7774a1044231325850a502782168747470733a2f2f6578616d706c652e636f6d2f73' +
    '74617475736c697374732f31061a648c5bea041a8898dfea19fffe19a8c019fffda2' +
    '646269747301636c73744a78dadbb918000217015d584093fa4d01032b18c35e2fe1' +
    '101b77fd6cc9440022caa4694450c4e4e9feab4e99d1fa6d9772ce2bf3a12e0323de' +
    'd7c982c5e101a5e67f0cbc1e2b6f57ce99c279',
  'hex',
);

const list = (() => {
  const made = createStatusList(1, 16);
  for (const index of [0, 3, 4, 5, 7, 8, 9, 13, 15]) made.set(index, 1);
  return made;
})();
const statuses = [1, 0, 0, 1, 1, 1, 0, 1, 1, 1, 0, 0, 0, 1, 0, 1];

let signing: SigningKeyHandle;
let key: VerificationKey | undefined;
beforeAll(async () => {
  const made = await generateSigningKey('ES256');
  signing = importSigningKey(made);
  key = importPublicJwk(made.publicJwk);
});

const content = { uri: URI, issuedAt: NOW / 1000, expiresAt: NOW / 1000 + 3600, ttl: 60, list };
const expected = { uri: URI, nowMs: NOW, maximumBytes: 131_072 };
const verify = (bytes: Uint8Array) => verifyStatusListCwt(bytes, { ...expected, findKey: () => key });
const refusal = async (bytes: Uint8Array): Promise<string> => {
  const error: unknown = await verify(bytes).catch((reason: unknown) => reason);
  return error instanceof StatusListError || error instanceof CoseError ? error.code : 'accepted';
};

describe('a status list as a CWT (§5.2)', () => {
  const sign = (
    payload: ReadonlyMap<CborKey, CborValue> | Uint8Array,
    typ: string | undefined = 'application/statuslist+cwt',
    tags: 'cose' | 'cwt' | 'none' = 'cose',
  ): Uint8Array =>
    createCoseSigner(
      { kid: kidBytes(signing.kid), alg: 'ES256', key: signing.privateKey },
      { tags, ...(typ !== '' && { protectedHeader: new Map([[16, typ]]) }) },
    ).sign(payload instanceof Uint8Array ? payload : encodeCbor(payload));
  const claims = (more: readonly (readonly [number, CborValue])[] = []): Map<CborKey, CborValue> =>
    new Map<CborKey, CborValue>([
      [2, URI],
      [6, NOW / 1000],
      [
        65_533,
        new Map<CborKey, CborValue>([
          ['bits', 1],
          ['lst', list.compress()],
        ]),
      ],
      ...more,
    ]);
  const refused: readonly (readonly [code: string, what: string, bytes: () => Uint8Array])[] = [
    ['typ_missing', 'a CWT without a type', () => sign(claims(), '')],
    ['typ_not_allowed', 'a CWT of another type', () => sign(claims(), 'application/at+cwt')],
    ['malformed_message', 'one with the tag of CWTs', () => sign(claims(), undefined, 'cwt')],
    ['malformed_message', 'one without a tag', () => sign(claims(), undefined, 'none')],
    ['bad_signature', 'the example, under a key of ours', () => EXAMPLE],
    ['wrong_subject', 'another list', () => sign(claims([[2, `${URI}0`]]))],
    ['expired', 'a list that has expired', () => sign(claims([[4, NOW / 1000]]))],
    ['malformed_list', 'a ttl of 0', () => sign(claims([[65_534, 0]]))],
    ['malformed_list', 'no list', () => sign(claims([[65_533, 1]]))],
    [
      'malformed_list',
      'a list as text',
      () =>
        sign(
          claims([
            [
              65_533,
              new Map<CborKey, CborValue>([
                ['bits', 1],
                ['lst', 'eNrbuRgAAhcBXQ'],
              ]),
            ],
          ]),
        ),
    ],
    ['too_large', 'more than any list', () => Buffer.alloc(200_000)],
  ];
  it.each(refused)('is refused as %s: %s', async (code, _what, bytes) => {
    expect(await refusal(bytes())).toBe(code);
  });
  it('is refused with a shared key in the place of a signature', async () => {
    const mac = createCoseSigner(createMacKey({ kid: signing.kid, secret: Buffer.alloc(32, 1) }), {
      tags: 'cose',
      protectedHeader: new Map([[16, 'application/statuslist+cwt']]),
    }).sign(encodeCbor(claims()));
    expect(await refusal(mac)).toBe('alg_not_allowed');
  });
  it('is read as the draft shows', () => {
    const { payload } = decodeCose(EXAMPLE);
    const read = readStatusListClaims(payload, { ...expected, nowMs: 1_700_000_000_000 });
    expect(read).toMatchObject({ issuedAt: 1_686_920_170, expiresAt: 2_291_720_170, ttl: 43_200 });
    expect(Array.from({ length: 16 }, (_, index) => read.list.get(index))).toEqual(statuses);
  });
  it('says what it was made of', async () => {
    const read = await verify(sign(encodeStatusListClaims(content)));
    expect(read).toMatchObject({ issuedAt: NOW / 1000, expiresAt: NOW / 1000 + 3600, ttl: 60 });
    expect(Array.from({ length: 16 }, (_, index) => read.list.get(index))).toEqual(statuses);
    expect(
      Buffer.from(encodeStatusListClaims({ ...content, aggregationUri: URI })).includes('aggregation_uri'),
    ).toBe(true);
  });
  it('may be as large as the limit says, however badly it is compressed', async () => {
    const large = createStatusList(8, 131_072);
    for (let index = 0; index < large.size; index += 1)
      large.set(index, (index * index * 2_654_435_761) >>> 13);
    const read = await verify(sign(encodeStatusListClaims({ ...content, list: large })));
    expect(read.list.size).toBe(131_072);
    expect(read.list.get(131_071)).toBe(large.get(131_071));
  });
});
