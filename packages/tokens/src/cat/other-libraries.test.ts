/** Both ways with what others have written: @eyevinn/cat for HS256, @auth0/cose for ES256 and PS256. */
import { createHash, generateKeyPairSync } from 'node:crypto';
import { Headers as CoseHeaders, ProtectedHeaders, Sign1, UnprotectedHeaders } from '@auth0/cose';
import { CAT } from '@eyevinn/cat';
import { describe, expect, it } from 'vitest';
import { outcomeOf, policy } from '../../testing/cat.ts';
import { decodeCbor, encodeCbor } from '../cbor/index.ts';
import type { CborMap } from '../cbor/index.ts';
import { createMacKey } from '../cose/index.ts';
import type { CoseKey } from '../cose/index.ts';
import { catClaimsFromJson, catClaimsToJson, createCat, decodeCat } from './index.ts';
import type { JsonValue } from './index.ts';

const secret = Buffer.from('403697de87af64611c1d32a05dab0fe1fcb715a86ab435f1ec99192d79569388', 'hex');
const key = createMacKey({ kid: 'Symmetric256', secret });
const library = new CAT({ keys: { Symmetric256: secret }, expectCwtTag: true });
const ISSUER = 'https://issuer.example';
const url = 'https://example.com/content/path/file.m3u8';
// The other library has a clock of its own.
const now = Math.floor(Date.now() / 1000);
const request = { url, method: 'GET', ip: '192.0.2.9' };

const TOKENS: readonly Readonly<Record<string, JsonValue>>[] = [
  { iss: ISSUER, exp: now + 3600 },
  { iss: ISSUER, exp: now + 3600, aud: ['one', 'two'], sub: 'somebody', nbf: now - 10, iat: now - 10 },
  {
    iss: ISSUER,
    exp: now + 3600,
    catu: { scheme: { 'exact-match': 'https' }, path: { 'prefix-match': '/content' } },
    catm: ['GET', 'HEAD'],
  },
  {
    iss: ISSUER,
    exp: now + 3600,
    catr: { type: 'header', expadd: 120, deadline: 60, 'header-name': 'x', 'header-params': ['Secure'] },
  },
];

describe('@eyevinn/cat, HS256', () => {
  it.each(TOKENS)('takes ours: %j', async (json) => {
    const token = createCat(catClaimsFromJson(json), { key });
    const { cat, error } = await library.validate(token, 'mac', {
      issuer: ISSUER,
      audience: ['one'],
      url: new URL(url),
    });
    expect(error).toBeUndefined();
    const { catu: _, ...claims } = cat?.claims ?? {};
    expect(claims).toMatchObject({ iss: ISSUER, exp: json['exp'], catv: 1 });
  });

  it.each(TOKENS)('makes what we take: %j', async (json) => {
    const token = await library.generateFromJson(
      structuredClone(json) as Parameters<CAT['generateFromJson']>[0],
      {
        type: 'mac',
        alg: 'HS256',
        kid: 'Symmetric256',
        generateCwtId: true,
      },
    );
    const overrides = { keys: [key], audiences: ['two'], clock: Date.now };
    expect(await outcomeOf(token ?? '', request, overrides)).toBe('accepted');
    const { cti, catv, ...claims } = catClaimsToJson(decodeCat(token ?? '').claims);
    expect(claims).toEqual(json);
    expect([catv, cti]).toEqual([1, expect.stringMatching(/^[0-9a-f]{32}$/)]);
  });

  it('refuses ours with another secret, and we refuse theirs', async () => {
    const strange = createMacKey({ kid: 'Symmetric256', secret: Buffer.alloc(32, 1) });
    const token = createCat(catClaimsFromJson(TOKENS[0] ?? {}), { key: strange });
    await expect(library.validate(token, 'mac', { issuer: ISSUER })).rejects.toThrow();
    expect(await outcomeOf(token, {}, { keys: [key], clock: Date.now })).toBe('bad_signature');
  });

  it('writes another dialect where it is not told otherwise, which is named', async () => {
    const old = new CAT({ keys: { Symmetric256: secret } });
    const options = { type: 'mac', alg: 'HS256', kid: 'Symmetric256' } as const;
    const token = await old.generateFromJson({ iss: ISSUER }, options);
    expect(await outcomeOf(token ?? '', {}, { keys: [key] })).toBe('dialect/hex-payload');
  });
});

const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const kid = new Uint8Array(createHash('sha256').update('key').digest().subarray(0, 8));

describe.each([
  ['ES256', -7, ec],
  ['PS256', -37, rsa],
] as const)('@auth0/cose, %s', (alg, number, { privateKey, publicKey }) => {
  const verifying: CoseKey = { kid, alg, key: publicKey };
  const claims = catClaimsFromJson({ iss: ISSUER, exp: now + 3600, catm: ['GET'] });
  const overrides = { ...policy, keys: [verifying], clock: Date.now };

  it('takes ours', async () => {
    const token = createCat(claims, { key: { kid, alg, key: privateKey } });
    const bytes = Buffer.from(token, 'base64url');
    const sign1 = Sign1.decode(bytes.subarray(2));
    await sign1.verify(publicKey);
    const payload = decodeCbor(new Uint8Array(sign1.payload)) as CborMap;
    expect(catClaimsToJson(payload)).toEqual({ iss: ISSUER, exp: now + 3600, catm: ['GET'], catv: 1 });
  });

  it('makes what we take', async () => {
    const sign1 = await Sign1.sign(
      new ProtectedHeaders([[CoseHeaders.Algorithm, number]]),
      new UnprotectedHeaders([[CoseHeaders.KeyID, kid]]),
      encodeCbor(claims),
      privateKey,
    );
    const token = Buffer.from(sign1.encode()).toString('base64url');
    expect(await outcomeOf(token, request, overrides)).toBe('accepted');
    expect(await outcomeOf(token, { method: 'PUT' }, overrides)).toBe('wrong_method/catm');
    const bytes = Buffer.from(token, 'base64url');
    bytes[bytes.length - 1]! ^= 1;
    expect(await outcomeOf(bytes.toString('base64url'), request, overrides)).toBe('bad_signature');
  });
});
