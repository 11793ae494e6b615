/**
 * Mutated JWTs by the hundred thousand: none is accepted whose signed bytes or claims are not those of a token that was
 * signed, and every refusal is one of the closed table. `MUTATIONS` and `MUTATION_SEED` look further.
 */
import { createHmac } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { createDice, mutateBytes, mutateText, withoutStacks } from '../testing/mutated-bytes.ts';
import type { Dice } from '../testing/mutated-bytes.ts';
import { accessTokenTyps } from './access-token.ts';
import { encodeBase64url } from './base64url.ts';
import { importPublicJwk } from './jwk.ts';
import type { PublicJwk, VerificationKey } from './jwk.ts';
import { JwtError } from './jwt-error.ts';
import { createJwtSigner } from './jwt-signer.ts';
import { verifyJwt } from './jwt.ts';
import { generateSigningKey, importSigningKey } from './signing-key.ts';

const MUTATIONS = Number(process.env['MUTATIONS'] ?? 200_000);
const SEED = Number(process.env['MUTATION_SEED'] ?? 20261122);

/** Tokens of different people, rights and ends: pieces of one must not carry another. */
const CLAIMS = [1, 2, 3].map((person) => ({
  iss: 'https://id.example/',
  sub: `person-${person}`,
  aud: person === 3 ? ['https://api.example/', 'https://other.example/'] : 'https://api.example/',
  exp: 1_800_000_000 + person * 3600,
  iat: 1_800_000_000,
  jti: Buffer.alloc(16, person).toString('base64url'),
  client_id: `client-${person}`,
  scope: person === 1 ? 'read' : 'read write admin',
}));

interface Subject {
  readonly tokens: readonly string[];
  readonly key: VerificationKey;
  readonly publicJwk: PublicJwk;
}

async function createSubject(alg: 'ES256' | 'RS256'): Promise<Subject> {
  const made = await generateSigningKey(alg);
  const signer = createJwtSigner(importSigningKey(made), 'at+jwt');
  const { publicJwk } = made;
  return { tokens: CLAIMS.map((claims) => signer.sign(claims)), key: importPublicJwk(publicJwk)!, publicJwk };
}

let rs256: Subject;
let es256: Subject;
beforeAll(async () => {
  [rs256, es256] = await Promise.all([createSubject('RS256'), createSubject('ES256')]);
});

function check(token: string, { key }: Subject): object {
  return verifyJwt(token, {
    findKey: (kid) => (kid === key.kid ? key : undefined),
    typ: accessTokenTyps,
    algs: ['ES256', 'RS256', 'PS256', 'EdDSA'],
  }).payload;
}

const bytesOf = (part: string | undefined) => Buffer.from(part ?? '', 'base64url');

/** Changes of the JSON of a part, as somebody would write it by hand. */
function mutateJson(text: string, dice: Dice): string {
  const extra = dice.pick([
    '"alg":"none"',
    '"alg":"HS256"',
    '"alg":"PS256"',
    '"alg":"rs256"',
    '"typ":"JWT"',
    '"kid":"other"',
    '"kid":null',
    '"crit":["exp"],"exp":1',
    '"b64":false',
    '"jwk":{}',
    '"sub":"person-2"',
    '"exp":9999999999',
    '"exp":1e400',
    '"__proto__":{"sub":"x"}',
    '"\\u0073ub":"person-2"',
  ]);
  switch (dice.below(4)) {
    case 0: // first, so that the one that was there comes second
      return text.replace('{', `{${extra},`);
    case 1: // last
      return text.replace(/\}$/, `,${extra}}`);
    case 2: // in place of another
      return text.replace(new RegExp(`${extra.split(':')[0]}:("[^"]*"|\\d+)`), extra);
    default: // the same, with white space
      return text.replaceAll(',', dice.pick([' ,', ',\n', ',\t']));
  }
}

function mutateParts(token: string, others: readonly string[], { publicJwk }: Subject, dice: Dice): string {
  const parts = token.split('.');
  const other = (others[dice.below(others.length)] ?? token).split('.');
  const index = dice.below(3);
  switch (dice.below(6)) {
    case 0: // a part of another token
      parts[index] = other[index] ?? '';
      break;
    case 1: // other JSON
      parts[index % 2] = encodeBase64url(Buffer.from(mutateJson(bytesOf(parts[index % 2]).toString(), dice)));
      break;
    case 2: // other bytes
      parts[index] = encodeBase64url(mutateBytes(bytesOf(parts[index]), [bytesOf(other[index])], dice));
      break;
    case 3: // no signature
      parts[2] = '';
      break;
    case 4: // a MAC, with the public key as the secret
      parts[0] = encodeBase64url(
        Buffer.from(
          bytesOf(parts[0])
            .toString()
            .replace(/"[RE]S256"/, '"HS256"'),
        ),
      );
      parts[2] = createHmac('sha256', JSON.stringify(publicJwk))
        .update(`${parts[0]}.${parts[1]}`)
        .digest('base64url');
      break;
    default: // a part less, or more, or others in their place
      parts.splice(index, dice.below(2), ...other.slice(0, dice.below(2)));
  }
  return parts.join('.');
}

function mutate(token: string, subject: Subject, dice: Dice): string {
  const { tokens } = subject;
  switch (dice.below(6)) {
    case 0:
      return mutateText(token, dice);
    case 1: {
      const others = tokens.map((other) => Buffer.from(other));
      return Buffer.from(mutateBytes(Buffer.from(token), others, dice)).toString('latin1');
    }
    default:
      return mutateParts(token, tokens, subject, dice);
  }
}

function run(subject: Subject, count: number): { wrong: unknown[]; refusals: Map<string, number> } {
  const dice = createDice(SEED);
  const signedPart = (token: string) => token.slice(0, token.lastIndexOf('.'));
  const good = new Map(
    subject.tokens.map((token) => [signedPart(token), JSON.stringify(check(token, subject))]),
  );
  const wrong: unknown[] = [];
  const refusals = new Map<string, number>();
  for (let round = 0; round < count && wrong.length < 10; round++) {
    const token = mutate(subject.tokens[dice.below(subject.tokens.length)] ?? '', subject, dice);
    try {
      const claims = check(token, subject);
      if (good.get(signedPart(token)) !== JSON.stringify(claims)) wrong.push({ round, token });
      refusals.set('accepted', (refusals.get('accepted') ?? 0) + 1);
    } catch (error) {
      if (error instanceof JwtError) refusals.set(error.code, (refusals.get(error.code) ?? 0) + 1);
      else wrong.push({ round, token, error });
    }
  }
  return { wrong, refusals };
}

describe('a mutated JWT', () => {
  it.each([
    ['RS256', () => rs256, MUTATIONS],
    ['ES256', () => es256, MUTATIONS / 40],
  ] as const)('is what was signed, or refused: %s', { timeout: 120_000 }, (_, subject, count) => {
    const { wrong, refusals } = withoutStacks(() => run(subject(), count));
    expect(wrong).toEqual([]);
    // The changes reach every check, and leave some tokens what they were.
    expect([...refusals.keys()]).toEqual(
      expect.arrayContaining([
        'accepted',
        'alg_none',
        'alg_not_allowed',
        'bad_signature',
        'bad_signature_length',
        'crit_unsupported',
        'duplicate_member',
        'malformed_base64url',
        'malformed_header',
        'not_three_parts',
        'typ_not_allowed',
        'unknown_key',
      ]),
    );
  });
});
