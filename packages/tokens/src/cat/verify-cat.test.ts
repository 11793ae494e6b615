/** The token as a whole: its text, message, key and sets of claims; every decision; and two hundred thousand forgeries. */
import { createHmac, generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { describeError, key, NOW, outcomeOf, policy, tokenOf } from '../../testing/cat.ts';
import { CborTag, encodeCbor } from '../cbor/index.ts';
import type { CborKey, CborMap, CborValue } from '../cbor/index.ts';
import { createCoseSigner, createMacKey } from '../cose/index.ts';
import type { CoseKey, CoseSignerOptions } from '../cose/index.ts';
import {
  akamaiCompositeLabels,
  CatError,
  catErrors,
  catClaimsFromJson,
  catClaimsToJson,
  catDialects,
  createCat,
  createReplayMemory,
  decodeCat,
  explainCat,
  recognizeDialect,
  textClaim,
  verifyCat,
} from './index.ts';
import type { CatPolicy, JsonValue } from './index.ts';

const good = { iss: 'https://issuer.example', exp: NOW + 60 };
const map = (...entries: [CborKey, CborValue][]): CborMap => new Map(entries);
const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64url');
const secret = new Uint8Array(32).fill(7);

function message(claims: CborValue | Uint8Array, options: CoseSignerOptions = {}, by: CoseKey = key): string {
  const payload = claims instanceof Uint8Array ? claims : encodeCbor(claims);
  return text(createCoseSigner(by, options).sign(payload));
}

/** HMAC 256/64 of empty claims. */
function shortTag(): string {
  const header = encodeCbor(map([1, 4]));
  const input = encodeCbor(['MAC0', header, new Uint8Array(), encodeCbor(map())]);
  const tag = new Uint8Array(createHmac('sha256', secret).update(input).digest().subarray(0, 8));
  return text(encodeCbor(new CborTag(17, [header, map([4, named('k1')]), encodeCbor(map()), tag])));
}

const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
function named(kid: string): Uint8Array {
  return new Uint8Array(Buffer.from(kid));
}
const es256: CoseKey = { kid: named('k2'), alg: 'ES256', key: ec.publicKey };
const ps256: CoseKey = { kid: named('k3'), alg: 'PS256', key: rsa.publicKey };

describe('a token is refused (CTA-5007-B §4.3, §4.5)', () => {
  const hex = (bytes: string): string => Buffer.from(bytes, 'hex').toString('base64url');
  it.each<[string, string, string, Partial<CatPolicy>?]>([
    ['that is empty', '', 'malformed_cose'],
    ['that is larger than is taken', 'A'.repeat(8193), 'too_large'],
    ['that is larger than is set', tokenOf(good), 'too_large', { maximumBytes: 50 }],
    ['with a space', `${tokenOf(good)} `, 'malformed_base64url'],
    ['with the wrong padding', `${tokenOf({ ...good, sub: 'ab' })}===`, 'malformed_base64url'],
    ['with bytes after its end', `${tokenOf(good)}AAAA`, 'malformed_cose'],
    ['that is encrypted (tag 16)', hex('d83dd08340a040'), 'malformed_cose'],
    ['with another tag', hex('d83ed18440a04040'), 'malformed_cose'],
    ['with two CWT tags', hex('d83dd83dd18440a04040'), 'malformed_cose'],
    ['without a payload', hex('d18443a10105a0f640'), 'malformed_cose'],
    ['of indefinite length', hex('d19f43a10105a04040ff'), 'malformed_cose'],
    [
      'with a critical header',
      message(map(), { protectedHeader: map([2, [9]], [9, 1]) }),
      'crit_unsupported',
    ],
    ['of another type', message(map(), { protectedHeader: map([16, 'application/at+cwt']) }), 'wrong_type'],
    ['without a type where it must have one', tokenOf(good), 'wrong_type', { typeRequired: true }],
    ['without a known key', tokenOf(good), 'unknown_key', { keys: [] }],
    [
      'of a key of another name',
      tokenOf(good),
      'unknown_key',
      { keys: [createMacKey({ kid: 'k9', secret })] },
    ],
    ['of another key of that name', tokenOf(good), 'bad_signature', { keys: [otherKey()] }],
    ['with a tag of eight bytes', shortTag(), 'alg_mismatch'],
    [
      'with a tag of eight bytes, even for such a key',
      shortTag(),
      'unknown_key',
      { keys: [{ ...key, alg: 'HS256/64' }] },
    ],
    ['whose claims are no map', message([1]), 'malformed_claims'],
    ['whose claims have no end', message(Buffer.from('a1')), 'malformed_claims'],
    ['with a claim twice', message(Buffer.from('a20163616263016163', 'hex')), 'malformed_claims'],
    [
      'with a number that is longer than need be',
      message(Buffer.from('a1041a00000001', 'hex')),
      'malformed_claims',
    ],
    ['with NaN', message(Buffer.from('a104f97e00', 'hex')), 'malformed_claims'],
    ['with −0', message(Buffer.from('a104f98000', 'hex')), 'malformed_claims'],
    ['with an unknown claim', message(map([999, 1])), 'claim_unknown/999'],
    ['with an unknown claim that is text', message(map(['scope', 'a'])), 'claim_unknown/scope'],
    ['with a list for a claim', message(map([[1, 2], 'a'])), 'claim_unknown/1,2'],
    [
      'without a claim that is asked for',
      tokenOf({ exp: NOW + 60 }),
      'claim_missing/iss',
      { required: [4, 1] },
    ],
    ['with geohash in a tag', message(map([282, [1]])), 'claim_malformed/geohash'],
  ])('%s', async (_, token, outcome, overrides) => {
    expect(await outcomeOf(token, {}, overrides)).toBe(outcome);
  });

  function otherKey(): CoseKey {
    return createMacKey({ kid: 'k1', secret: new Uint8Array(32).fill(8) });
  }

  it('and its codes are told in ASCII, without what it holds', () => {
    for (const description of Object.values(catErrors)) expect(description).toMatch(/^[ -~]+$/);
    const error = new CatError('expired', { claim: 'exp', authentic: map([2, 'somebody']) });
    expect(JSON.stringify(error)).not.toContain('somebody');
    expect(String(error)).toBe('CatError: The token has expired');
  });

  it('before its claims are looked at: nothing of an unproven token is remembered or answered', () => {
    const token = tokenOf({ ...good, exp: NOW - 1 });
    const error = catchError(token, { keys: [createMacKey({ kid: 'k1', secret: new Uint8Array(32) })] });
    expect([error.code, error.authenticClaims()]).toEqual(['bad_signature', undefined]);
  });
});

function catchError(token: string, overrides: Partial<CatPolicy>): CatError {
  try {
    void verifyCat(token, {}, { ...policy, ...overrides });
  } catch (error) {
    if (error instanceof CatError) return error;
    throw error;
  }
  throw new Error('the token was accepted');
}

describe('a token is accepted', () => {
  it.each<[string, string, Partial<CatPolicy>?]>([
    ['with padding', pad(tokenOf({ ...good, sub: 'a' }))],
    ['with tag 17 alone', message(map(), { tags: 'cose' })],
    ['without tags', message(map(), { tags: 'none' })],
    ['with its key named in the protected header', message(map(), { kidHeader: 'protected' })],
    [
      'with its key named by a text',
      message(map(), { unprotectedHeader: map([4, 'k1']) }, { ...key, kid: undefined }),
    ],
    ['that names no key', message(map(), {}, { ...key, kid: undefined })],
    ['of a key that has no name', tokenOf(good), { keys: [{ ...key, kid: undefined }] }],
    [
      'of the last of several keys',
      tokenOf(good),
      { keys: [es256, ps256, createMacKey({ secret: named('x'.repeat(32)) }), key] },
    ],
    [
      'of a key that is looked up',
      tokenOf(good),
      { keys: (kid) => (Buffer.from(kid ?? []).toString() === 'k1' ? [key] : []) },
    ],
    ['of 8 000 characters, where 4 096 must be taken', message(map([2, 'x'.repeat(5900)]))],
    ['without an end, where none is asked for', message(map())],
    ['with claims that may be ignored', message(map([999, 1])), { unknownClaims: 'ignore' }],
    ['with claims of one’s own', message(map(['scope', 'a b'])), { extensions: [textClaim('scope')] }],
    ['with its type', createCat(map(), { key, typed: true }), { typeRequired: true }],
    ['with fractions', message(map([4, NOW + 0.25]))],
  ])('%s', async (_, token, overrides) => {
    expect(await outcomeOf(token, {}, overrides)).toBe('accepted');
  });

  function pad(token: string): string {
    return token.padEnd(Math.ceil(token.length / 4) * 4, '=');
  }

  it('and says which claims were ignored, and which key was good', () => {
    const cat = verifyCat(message(map([999, 1])), {}, { ...policy, unknownClaims: 'ignore' });
    expect(cat).toMatchObject({ ignored: [999], key: { alg: 'HS256' } });
  });

  it.each<[CoseKey, CoseKey]>([
    [{ ...es256, key: ec.privateKey }, es256],
    [{ ...ps256, key: rsa.privateKey }, ps256],
  ])('that is signed', async (signing, verifying) => {
    const token = createCat(catClaimsFromJson(good), { key: signing });
    expect(await outcomeOf(token, {}, { keys: [key, verifying] })).toBe('accepted');
    // A public key never becomes a secret.
    const asSecret = createMacKey({
      kid: 'k2',
      secret: verifying.key.export({ format: 'der', type: 'spki' }),
    });
    const forged = message(encodeCbor(catClaimsFromJson(good)), {}, asSecret);
    expect(await outcomeOf(forged, {}, { keys: [verifying] })).toBe(
      verifying === es256 ? 'alg_mismatch' : 'unknown_key',
    );
  });

  it('of ES256 with the larger s, too', async () => {
    const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
    const token = createCat(catClaimsFromJson(good), { key: { ...es256, key: ec.privateKey } });
    const bytes = Buffer.from(token, 'base64url');
    const s = BigInt(`0x${bytes.subarray(-32).toString('hex')}`);
    expect(s <= order / 2n).toBe(true);
    const high = Buffer.from((order - s).toString(16).padStart(64, '0'), 'hex');
    expect(await outcomeOf(text(Buffer.concat([bytes.subarray(0, -32), high])), {}, { keys: [es256] })).toBe(
      'accepted',
    );
  });

  it('to the second', async () => {
    const token = tokenOf({ nbf: NOW, exp: NOW + 60 });
    const at = (ms: number) => outcomeOf(token, {}, { clock: () => ms });
    const outcomes = [NOW * 1000 - 1, NOW * 1000, (NOW + 60) * 1000 - 1, (NOW + 60) * 1000].map(at);
    expect(await Promise.all(outcomes)).toEqual(['not_yet_valid/nbf', 'accepted', 'accepted', 'expired/exp']);
  });
});

describe('no token is made', () => {
  it.each<[string, JsonValue]>([
    ['claim_malformed/catm', { catm: [] }],
    ['claim_malformed/exp', { exp: 'tomorrow' }],
    ['claim_unknown/999', { 999: 1 }],
    ['claim_unsupported/catgeocoord', { catgeocoord: [[1, 2, 3]] }],
    ['too_large', { sub: 'x'.repeat(4000) }],
  ])('%s', (outcome, json) => {
    try {
      const claims = catClaimsFromJson(json);
      expect(createCat(claims, { key })).toBe('refused');
    } catch (error) {
      expect(error instanceof CatError ? describeError(error) : error).toBe(outcome);
    }
    expect.assertions(1);
  });

  it('with an algorithm that is not one of CTA-5007, or a key that cannot sign', () => {
    expect(() => createCat(map(), { key: { ...key, alg: 'HS256/64' } })).toThrow(TypeError);
    expect(() => createCat(map(), { key: { ...es256, alg: 'EdDSA' } })).toThrow(TypeError);
    expect(() => createCat(map(), { key: es256 })).toThrow(TypeError);
  });

  it('without saying its version; an identifier is drawn where there is none', () => {
    const random = (size: number): Uint8Array => new Uint8Array(size).fill(5);
    const claims = decodeCat(createCat(map(), { key, random })).claims;
    expect(catClaimsToJson(claims)).toEqual({ cti: '05'.repeat(16), catv: 1 });
    const own = decodeCat(createCat(map([7, Uint8Array.of(1)]), { key, random })).claims;
    expect(catClaimsToJson(own)).toEqual({ cti: '01', catv: 1 });
  });
});

describe('sets of claims (draft-lemmons-cose-composite-claims-01 §3)', () => {
  const labels = akamaiCompositeLabels;
  const get = { catm: ['GET'] };
  const late = { exp: NOW };
  const late2 = { nbf: NOW + 1 };
  const deep = (levels: number): JsonValue => (levels === 0 ? get : { and: [deep(levels - 1)] });

  it.each<[string, JsonValue]>([
    ['none_accepted/or', { or: [late, late2] }],
    ['some_accepted/nor', { nor: [late, get] }],
    ['some_rejected/and', { and: [get, late] }],
    ['some_rejected/and', { and: [{ or: [late, late2] }] }],
    ['some_accepted/nor', { nor: [{ nor: [late] }] }],
    // What cannot be judged is no refusal that an exclusion may count on.
    ['claim_unsupported/nor', { nor: [{ catgeoiso3166: ['SE'] }] }],
    ['claim_unsupported/nor', { nor: [{ cti: '01', catreplay: 1 }] }],
    ['claim_malformed/or', { or: 1 }],
    ['claim_malformed/or', { 41: [] }],
    ['claim_malformed/and', deep(9)],
    ['claim_malformed/catm', { or: [get, { 313: 'GET' }] }],
    ['claim_unknown/999', { or: [get, { 999: 1 }] }],
    ['claim_missing/catu', { crit: [312] }],
    ['claim_unknown/999', { crit: [999], 999: 1 }],
    ['expired/exp', { or: [get], ...late }],
    ['accepted', { or: [late, get] }],
    ['accepted', { nor: [late, late2] }],
    ['accepted', { and: [get, { or: [late, { nor: [late] }] }] }],
    ['accepted', deep(8)],
    ['accepted', { crit: [313], 999: 1, ...get }],
  ])('%s: %j', async (outcome, json) => {
    const claims = setOf(json);
    expect(await outcomeOf(message(claims), { method: 'GET' }, { compositeLabels: labels })).toBe(
      outcome === 'claim_missing/catu' ? 'claim_missing/312' : outcome,
    );
  });

  /** As written, well-formed or not. */
  function setOf(json: JsonValue): CborMap {
    const entries = Object.entries(json as Record<string, JsonValue>);
    return new Map(
      entries.map(([name, value]): [CborKey, CborValue] => {
        const label = { or: 41, nor: 42, and: 43, crit: 45 }[name];
        if (label !== undefined && label !== 45 && Array.isArray(value)) return [label, value.map(setOf)];
        if (label !== undefined || /^\d+$/.test(name)) return [label ?? Number(name), value as CborValue];
        return [...catClaimsFromJson({ [name]: value })][0]!;
      }),
    );
  }

  it('see the claims around them, with their own before those', async () => {
    const replays = createReplayMemory(policy.clock);
    const token = message(setOf({ cti: '01', exp: NOW + 60, and: [{ catreplay: 1 }] }));
    const overrides = { compositeLabels: labels, memory: { replays } };
    expect(await outcomeOf(token, {}, overrides)).toBe('accepted');
    expect(await outcomeOf(token, {}, overrides)).toBe('some_rejected/and');
  });

  it('wait for what has to be asked', async () => {
    const replays = { remember: () => Promise.resolve('again' as const) };
    const used = { cti: '01', exp: NOW + 60, catreplay: 1 };
    const overrides = { compositeLabels: labels, memory: { replays } };
    const outcomes = [{ or: [used, get] }, { or: [used, late] }, { nor: [used] }, { and: [used] }].map(
      (json) => outcomeOf(message(setOf(json)), { method: 'GET' }, overrides),
    );
    expect(await Promise.all(outcomes)).toEqual([
      'accepted',
      'none_accepted/or',
      'accepted',
      'some_rejected/and',
    ]);
  });

  it('are told in JSON both ways', () => {
    const json = { or: [{ catm: ['GET'] }, { and: [{ exp: 1 }] }], crit: [4] };
    const claims = catClaimsFromJson(json, { compositeLabels: labels });
    expect([...claims.keys()]).toEqual([41, 45]);
    expect(catClaimsToJson(claims, { compositeLabels: labels })).toEqual(json);
  });
});

describe('dialects', () => {
  const aws = map([401, map([1, 'a'])], [4, NOW + 60]);
  it.each<[keyof typeof catDialects, string]>([
    ['aws-labels', message(aws)],
    ['draft-labels', message(map([270, map()]))],
    ['jwt', 'eyJhbGciOiJub25lIn0.e30.'],
    ['c4m-compact', 'ogEjEGNDQVQ.owF4GGh0dHBz.W17GD7Gj'],
    ['standard-base64', standardBase64()],
  ])('%s is named, and never taken', async (dialect, token) => {
    expect(recognizeDialect(token)).toBe(dialect);
    expect(await outcomeOf(token, {}, { unknownClaims: 'ignore' })).toBe(`dialect/${dialect}`);
  });

  function standardBase64(): string {
    for (let attempt = 0; ; attempt++) {
      const token = Buffer.from(tokenOf({ sub: `${attempt}` }), 'base64url').toString('base64');
      if (/[+/]/.test(token)) return token;
    }
  }

  it('what is none of them has no name', () => {
    expect(['', 'abc', 'a.b.c', 'a b', tokenOf(good)].map(recognizeDialect)).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
  });
});

describe('why', () => {
  it('is told claim by claim, after the first refusal too', async () => {
    const replays = createReplayMemory(policy.clock);
    const json = {
      ...good,
      cti: '01',
      catm: ['GET'],
      catu: { host: { exact: 'b.example' } },
      catnip: ['192.0.2.0/24'],
      catreplay: 1,
    };
    const request = { url: 'https://A.example:443/x', method: 'PUT', ip: '192.0.2.9' };
    const { error, decisions } = await explainCat(tokenOf(json), request, { ...policy, memory: { replays } });
    expect(error && describeError(error)).toBe('wrong_uri/catu');
    expect(decisions.map(({ claim, outcome }) => `${claim} ${outcome}`)).toEqual([
      'catv accepted',
      'iss accepted',
      'exp accepted',
      'catnip accepted',
      'catu refused',
      'catm refused',
      'cti informs',
    ]);
    expect(decisions[4]).toEqual({
      claim: 'catu',
      label: 312,
      outcome: 'refused',
      code: 'wrong_uri',
      expected: { host: { 'exact-match': 'b.example' } },
      got: 'https://a.example/x',
    });
    // The token is not used up by the question.
    expect(replays.remember('https://issuer.example', Uint8Array.of(1), 0)).toBe('first');
  });

  it('is told of an accepted token, of ignored claims, and of one that is none', async () => {
    const ignoring = { ...policy, unknownClaims: 'ignore' } as const;
    const accepted = await explainCat(message(map([999, 1])), {}, ignoring);
    expect(accepted.error).toBeUndefined();
    expect(accepted.decisions).toEqual([{ claim: '999', label: 999, outcome: 'ignored' }]);
    const none = await explainCat('abc', {}, policy);
    expect([none.error?.code, none.decisions, none.claims]).toEqual(['malformed_cose', [], undefined]);
    const malformed = await explainCat(message(map([313, 1], [2, 'somebody'])), {}, policy);
    expect([malformed.error?.claim, malformed.claims?.get(2)]).toEqual(['catm', 'somebody']);
  });
});

/** Repeats itself: the same forgeries in every run. */
function createDice(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

describe('forgeries', () => {
  const token = tokenOf({ ...good, cti: '0b71', catm: ['GET'], catu: { path: { prefix: '/a' } } });
  const bytes = Buffer.from(token, 'base64url');
  const request = { url: 'https://a.example/a', method: 'GET' };

  it('200 000 of them: none is accepted unless it says the same, and none does any harm', ({
    onTestFinished,
  }) => {
    // Most of what a refusal costs is the list of its callers; so many do without.
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 0;
    onTestFinished(() => {
      Error.stackTraceLimit = stackTraceLimit;
    });
    const dice = createDice(20_260_101);
    const payload = Buffer.from(decodeCat(token).message.payload).toString('hex');
    const refusals = new Map<string, number>();
    for (let round = 0; round < 200_000; round++) {
      const forged = round % 4 === 3 ? mutateText(token, dice) : mutateBytes(bytes, dice);
      if (forged === token) continue;
      try {
        const { claims } = verifyCat(forged, request, policy) as { claims: CborMap };
        const saying = Buffer.from(decodeCat(forged).message.payload).toString('hex');
        if (saying !== payload || claims.size !== 6) throw new Error('a forgery was accepted');
      } catch (error) {
        if (!(error instanceof CatError)) throw error;
        refusals.set(error.code, (refusals.get(error.code) ?? 0) + 1);
      }
    }
    expect(refusals.get('bad_signature')).toBeGreaterThan(10_000);
    expect(refusals.get('malformed_cose')).toBeGreaterThan(10_000);
    expect(refusals.get('malformed_base64url')).toBeGreaterThan(1000);
  });
});

function mutateBytes(original: Uint8Array, dice: (below: number) => number): string {
  const bytes = Buffer.from(original);
  const at = dice(bytes.length);
  switch (dice(4)) {
    case 0:
      bytes[at]! ^= 1 << dice(8);
      return bytes.toString('base64url');
    case 1:
      bytes[at] = dice(256);
      return bytes.toString('base64url');
    case 2:
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + dice(3))]).toString('base64url');
    default:
      return Buffer.concat([bytes.subarray(0, at), Buffer.of(dice(256)), bytes.subarray(at)]).toString(
        'base64url',
      );
  }
}

function mutateText(original: string, dice: (below: number) => number): string {
  const at = dice(original.length);
  const characters = 'ABCabc019-_+/=. %\n';
  const character = characters[dice(characters.length)] ?? '';
  return original.slice(0, at) + character + original.slice(at + dice(2));
}
