/**
 * Mutated CWTs by the hundred thousand: none is accepted whose signed bytes or claims are not those of a token that was
 * signed, and every refusal is one of the closed table. `MUTATIONS` and `MUTATION_SEED` look further.
 */
import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createDice, mutateBytes, mutateText, withoutStacks } from '../../testing/mutated-bytes.ts';
import type { Dice } from '../../testing/mutated-bytes.ts';
import { decodeBase64url, encodeBase64url } from '../base64url.ts';
import { decodeCbor } from '../cbor/decode.ts';
import { encodeCbor } from '../cbor/encode.ts';
import { CborTag } from '../cbor/value.ts';
import type { CborKey, CborValue } from '../cbor/value.ts';
import { CoseError } from '../cose/cose-error.ts';
import { createMacKey, kidBytes } from '../cose/key.ts';
import type { CoseKey } from '../cose/key.ts';
import { decodeCose } from '../cose/message.ts';
import type { CoseMessage } from '../cose/message.ts';
import { createCoseSigner } from '../cose/sign.ts';
import { verifyCose } from '../cose/verify.ts';
import type { JsonObject } from '../json-object.ts';
import type { VerificationKey } from '../jwk.ts';
import { decodeClaims, encodeClaims } from './claims.ts';
import { CWT_ACCESS_TOKEN_TYP, verifyCwt } from './cwt.ts';

const MUTATIONS = Number(process.env['MUTATIONS'] ?? 200_000);
const SEED = Number(process.env['MUTATION_SEED'] ?? 20261122);

const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const ed = generateKeyPairSync('ed25519');
const kid = kidBytes('key-1');
const macKey = createMacKey({ kid: 'key-1', secret: new Uint8Array(32).fill(3) });

/** Tokens of different people, rights and ends: pieces of one must not carry another. */
const CLAIMS: readonly JsonObject[] = [1, 2, 3].map((person) => ({
  iss: 'https://id.example/',
  sub: `person-${person}`,
  aud: person === 3 ? ['https://api.example/', 'https://other.example/'] : 'https://api.example/',
  exp: 1_800_000_000 + person * 3600,
  iat: 1_800_000_000,
  jti: Buffer.alloc(16, person).toString('base64url'),
  client_id: `client-${person}`,
  scope: person === 1 ? 'read' : 'read write admin',
  ...(person === 2 ? { cnf: { jkt: 'A'.repeat(43) } } : {}),
}));

type Check = (token: string) => { readonly signed: string; readonly claims: JsonObject };

interface Subject {
  readonly tokens: readonly Uint8Array[];
  readonly check: Check;
}

function subject(signingKey: CoseKey, check: Check): Subject {
  const signer = createCoseSigner(signingKey, { protectedHeader: new Map([[16, CWT_ACCESS_TOKEN_TYP]]) });
  return { tokens: CLAIMS.map((claims) => signer.sign(encodeClaims(claims))), check };
}

const signedOf = ({ protectedBytes, payload }: CoseMessage) =>
  `${Buffer.from(protectedBytes).toString('hex')} ${Buffer.from(payload).toString('hex')}`;

const macSubject = subject(macKey, (token) => {
  const bytes = decodeBase64url(token);
  if (bytes === undefined) throw new CoseError('not_base64url');
  const message = decodeCose(bytes);
  verifyCose(message, macKey, { understood: [16] });
  return { signed: signedOf(message), claims: decodeClaims(message.payload) };
});

function signatureSubject(alg: 'ES256' | 'PS256' | 'EdDSA', pair: typeof ec): Subject {
  const found: VerificationKey = { kid: 'key-1', alg, publicKey: pair.publicKey, signatureLength: 64 };
  return subject({ kid, alg, key: pair.privateKey }, (token) => {
    const { payload } = verifyCwt(token, {
      findKey: (name) => (name === 'key-1' ? found : undefined),
      typ: [CWT_ACCESS_TOKEN_TYP],
      algs: ['ES256', 'PS256', 'EdDSA'],
    });
    return { signed: signedOf(decodeCose(Buffer.from(token, 'base64url'))), claims: payload };
  });
}

/** Changes of the parts of a message, each written as it should be. */
function mutateParts(bytes: Uint8Array, others: readonly Uint8Array[], dice: Dice): Uint8Array {
  const parts = partsOf(bytes);
  const other = partsOf(others[dice.below(others.length)] ?? bytes);
  const index = dice.below(4);
  switch (dice.below(7)) {
    case 0: // a part of another token
      parts[index] = other[index];
      break;
    case 1: // a part that is changed inside
      parts[index] = parts[index] instanceof Uint8Array ? mutateBytes(parts[index], [], dice) : other[index];
      break;
    case 2: // another value in one of the headers
      changeHeader(parts, dice);
      break;
    case 3: // other claims
      parts[2] = encodeCbor(changedMap(parts[2], dice));
      break;
    case 4: // a part less, or more
      parts.splice(index, dice.below(2), ...(dice.below(2) === 0 ? [] : [parts[dice.below(4)]]));
      break;
    case 5: // parts in another order
      parts.reverse();
      break;
    default: // a shorter or longer signature
      parts[3] = (parts[3] as Uint8Array).subarray(0, dice.below(64));
  }
  return encodeCbor(tagged(parts, dice));
}

function partsOf(bytes: Uint8Array): CborValue[] {
  const outer = decodeCbor(bytes) as CborTag;
  return [...((outer.value as CborTag).value as readonly CborValue[])];
}

function tagged(parts: readonly CborValue[], dice: Dice): CborValue {
  const inner = dice.pick<CborValue>([
    parts,
    new CborTag(17, parts),
    new CborTag(18, parts),
    new CborTag(dice.pick([16, 96, 97, 98]), parts),
  ]);
  return dice.below(3) === 0 ? inner : new CborTag(61, inner);
}

function changedMap(bytes: CborValue, dice: Dice): Map<CborKey, CborValue> {
  const map = new Map(decodeCbor(bytes as Uint8Array) as Map<CborKey, CborValue>);
  const keys = [...map.keys()];
  const value = dice.pick<CborValue>([
    0,
    4_000_000_000,
    -7,
    5,
    4,
    'read write admin',
    'none',
    null,
    [],
    new Map(),
    kid,
  ]);
  if (dice.below(4) === 0) map.delete(keys[dice.below(keys.length)] ?? 1);
  else
    map.set(dice.pick<CborKey>([keys[dice.below(keys.length)] ?? 1, 1, 2, 4, 7, 9, 15, 'scope', 'x']), value);
  return map;
}

/** In the protected one, or beside it; then some of it is moved from one to the other. */
function changeHeader(parts: CborValue[], dice: Dice): void {
  const protectedHeader = changedMap(parts[0], dice);
  const isMoved = dice.below(2) === 0;
  parts[0] = isMoved ? dice.pick([new Uint8Array(), Buffer.from('a0', 'hex')]) : encodeCbor(protectedHeader);
  if (isMoved || dice.below(2) === 0) parts[1] = protectedHeader;
}

function mutate(token: Uint8Array, tokens: readonly Uint8Array[], dice: Dice): string {
  switch (dice.below(8)) {
    case 0:
      return mutateText(encodeBase64url(token), dice);
    case 1:
    case 2:
    case 3:
      return encodeBase64url(mutateParts(token, tokens, dice));
    default:
      return encodeBase64url(mutateBytes(token, tokens, dice));
  }
}

/** What went wrong, and how often each refusal came. */
interface Outcomes {
  readonly wrong: readonly unknown[];
  readonly refusals: ReadonlyMap<string, number>;
}

function run({ tokens, check }: Subject, count: number): Outcomes {
  return withoutStacks(() => runWith({ tokens, check }, count));
}

function runWith({ tokens, check }: Subject, count: number): Outcomes {
  const dice = createDice(SEED);
  const good = new Map(
    tokens.map((token) => check(encodeBase64url(token))).map((one) => [one.signed, one.claims]),
  );
  const wrong: unknown[] = [];
  const refusals = new Map<string, number>();
  for (let round = 0; round < count && wrong.length < 10; round++) {
    const token = mutate(tokens[dice.below(tokens.length)] ?? new Uint8Array(), tokens, dice);
    try {
      const { signed, claims } = check(token);
      if (JSON.stringify(good.get(signed)) !== JSON.stringify(claims)) wrong.push({ round, token });
      refusals.set('accepted', (refusals.get('accepted') ?? 0) + 1);
    } catch (error) {
      if (error instanceof CoseError) refusals.set(error.code, (refusals.get(error.code) ?? 0) + 1);
      else wrong.push({ round, token, error });
    }
  }
  return { wrong, refusals };
}

describe('a mutated CWT', () => {
  it(`is what was authenticated, or refused: ${MUTATIONS} under HS256`, { timeout: 120_000 }, () => {
    const { wrong, refusals } = run(macSubject, MUTATIONS);
    expect(wrong).toEqual([]);
    // The changes reach every check, and leave some tokens what they were.
    expect([...refusals.keys()]).toEqual(
      expect.arrayContaining([
        'accepted',
        'malformed_cbor',
        'malformed_message',
        'key_mismatch',
        'bad_signature',
        'wrong_tag',
        'not_base64url',
        'malformed_header',
        'duplicate_header',
        'bad_signature_length',
      ]),
    );
  });

  it.each([
    ['ES256', ec, MUTATIONS / 40],
    ['PS256', rsa, MUTATIONS / 20],
    ['EdDSA', ed, MUTATIONS / 40],
  ] as const)('is what was signed, or refused: %s', { timeout: 120_000 }, (alg, pair, count) => {
    const { wrong, refusals } = run(signatureSubject(alg, pair), count);
    expect(wrong).toEqual([]);
    expect([...refusals.keys()]).toEqual(
      expect.arrayContaining([
        'bad_signature',
        'alg_not_allowed',
        'typ_missing',
        'typ_not_allowed',
        'unknown_key',
      ]),
    );
  });
});
