/** Claims that leave something behind: used tokens, drawn lots, used proofs. */
import { generateKeyPairSync, hash, sign } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { NOW, outcomeOf, policy, tokenOf } from '../../../testing/cat.ts';
import { derToRaw } from '../../der-signature.ts';
import { createDpopProofVerifier } from '../../dpop-proof.ts';
import { jwkThumbprint } from '../../jwk.ts';
import { createBlockMemory, createReplayMemory, verifyCat } from '../index.ts';
import type { CatPolicy, CatRequest, ClaimMemory, ReplayStore } from '../index.ts';

const used = { iss: 'https://issuer.example', cti: '0b71', exp: NOW + 60 };
const clock = policy.clock;
const remembering = (memory: ClaimMemory): Partial<CatPolicy> => ({ memory });

describe('catreplay (CTA-5007-B §4.6.6)', () => {
  it.each([
    ['nobody remembers', 'claim_unsupported/catreplay', {}, used],
    ['no cti', 'claim_missing/catreplay', { replays: createReplayMemory(clock) }, { exp: NOW + 60 }],
    ['no end', 'claim_missing/catreplay', { replays: createReplayMemory(clock) }, { cti: '01' }],
    ['no room', 'unavailable/catreplay', { replays: createReplayMemory(clock, 0) }, used],
    [
      'the store is away',
      'unavailable/catreplay',
      { replays: { remember: () => Promise.reject(new Error('away')) } },
      used,
    ],
    [
      'the store fails at once',
      'unavailable/catreplay',
      {
        replays: {
          remember: () => {
            throw new Error('away');
          },
        },
      },
      used,
    ],
    [
      'the store answers nonsense',
      'unavailable/catreplay',
      { replays: { remember: () => undefined } as unknown as ReplayStore },
      used,
    ],
  ] as const)('is refused where %s', async (_, outcome, memory, claims) => {
    expect(await outcomeOf(tokenOf({ ...claims, catreplay: 1 }), {}, remembering(memory))).toBe(outcome);
  });

  it('0: a token may be used again, and nobody remembers', async () => {
    const token = tokenOf({ ...used, catreplay: 0 });
    expect([await outcomeOf(token), await outcomeOf(token)]).toEqual(['accepted', 'accepted']);
  });

  it('1: a token may be used once', async () => {
    const memory = { replays: createReplayMemory(clock) };
    const token = tokenOf({ ...used, catreplay: 1 });
    expect(await outcomeOf(token, {}, remembering(memory))).toBe('accepted');
    expect(await outcomeOf(token, {}, remembering(memory))).toBe('reused/catreplay');
    const other = tokenOf({ ...used, cti: '0b72', catreplay: 1 });
    expect(await outcomeOf(other, {}, remembering(memory))).toBe('accepted');
  });

  it('1: of another issuer the same identifier is another token', async () => {
    const memory = { replays: createReplayMemory(clock) };
    const issuers = ['https://issuer.example', 'https://second.example'];
    for (const iss of issuers) {
      const token = tokenOf({ ...used, iss, catreplay: 1 });
      expect(await outcomeOf(token, {}, { memory, issuers })).toBe('accepted');
    }
  });

  it('1: a refused request does not use the token', async () => {
    const memory = { replays: createReplayMemory(clock) };
    const token = tokenOf({ ...used, catreplay: 1, catm: ['GET'] });
    expect(await outcomeOf(token, { method: 'PUT' }, { memory })).toBe('wrong_method/catm');
    expect(await outcomeOf(token, { method: 'GET' }, { memory })).toBe('accepted');
  });

  it('1: of many uses at the same time one is accepted', async () => {
    const seen = new Set<string>();
    const replays: ReplayStore = {
      remember: async (_, cti) => {
        await Promise.resolve();
        const id = Buffer.from(cti).toString('hex');
        const answer = seen.has(id) ? 'again' : 'first';
        seen.add(id);
        return answer;
      },
    };
    const token = tokenOf({ ...used, catreplay: 1 });
    const outcomes = await Promise.all(
      Array.from({ length: 20 }, () => outcomeOf(token, {}, remembering({ replays }))),
    );
    expect(outcomes.filter((outcome) => outcome === 'accepted')).toHaveLength(1);
  });

  it('2: reuse is judged; where nobody judges, it is refused', async () => {
    const token = tokenOf({ ...used, catreplay: 2 });
    const replays = createReplayMemory(clock);
    const unjudged = remembering({ replays });
    expect(await outcomeOf(token, {}, unjudged)).toBe('accepted');
    expect(await outcomeOf(token, {}, unjudged)).toBe('reused/catreplay');
    for (const [answer, outcome] of [
      [true, 'accepted'],
      [false, 'reused/catreplay'],
      [Promise.resolve(true), 'accepted'],
      [Promise.resolve('yes' as unknown as boolean), 'reused/catreplay'],
    ] as const) {
      expect(await outcomeOf(token, {}, remembering({ replays, isReuseAllowed: () => answer }))).toBe(
        outcome,
      );
    }
  });

  it('is forgotten when the token has ended, and not before', () => {
    let now = 0;
    const store = createReplayMemory(() => now, 1);
    const cti = Uint8Array.of(1);
    expect(store.remember('', cti, 5000)).toBe('first');
    expect(store.remember('', Uint8Array.of(2), 5000)).toBe('full');
    now = 4999;
    expect(store.remember('', cti, 5000)).toBe('again');
    now = 5000;
    expect(store.remember('', Uint8Array.of(2), 9000)).toBe('first');
  });
});

describe('catpor (CTA-5007-B §4.6.7)', () => {
  const lot = (probability: number, until = NOW + 60) => tokenOf({ catpor: [probability, 'group-1', until] });

  it.each([
    ['nobody draws', 'claim_unsupported/catpor', { blocks: createBlockMemory(clock) }],
    ['nobody remembers', 'claim_unsupported/catpor', { draw: (): number => 0.99 }],
    ['the list is full', 'blocked/catpor', { draw: (): number => 0.99, blocks: createBlockMemory(clock, 0) }],
  ] as const)('is refused where %s', async (_, outcome, memory) => {
    expect(await outcomeOf(lot(0.1), {}, remembering(memory))).toBe(outcome);
  });

  it.each([
    [0, 0, 'accepted'],
    [0.25, 0.25, 'accepted'],
    [0.25, 0.2499, 'drawn/catpor'],
    [1, 0.9999, 'drawn/catpor'],
  ])('probability %f, drawn %f: %s', async (probability, drawn, outcome) => {
    const memory = { draw: () => drawn, blocks: createBlockMemory(clock) };
    expect(await outcomeOf(lot(probability), {}, remembering(memory))).toBe(outcome);
  });

  it('what was drawn stays refused until its end, under every token of the identifier', async () => {
    let seconds = NOW;
    const ticking = () => seconds * 1000;
    const memory = { draw: () => 0.5, blocks: createBlockMemory(ticking) };
    const verify = (token: string) => outcomeOf(token, {}, { memory, clock: ticking });
    expect(await verify(lot(1))).toBe('drawn/catpor');
    expect(await verify(lot(0))).toBe('blocked/catpor');
    expect(await verify(tokenOf({ catpor: [0, 'group-2'] }))).toBe('accepted');
    seconds = NOW + 59;
    expect(await verify(lot(0))).toBe('blocked/catpor');
    seconds = NOW + 60;
    expect(await verify(lot(0))).toBe('accepted');
  });
});

const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const jwk = pair.publicKey.export({ format: 'jwk' });
const jkt = jwkThumbprint(jwk);
const url = 'https://video.example/a';

function proofFor(token: string, claims: Readonly<Record<string, unknown>> = {}): string {
  const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const header = encode({ typ: 'dpop+jwt', alg: 'ES256', jwk });
  const ath = hash('sha256', token, 'base64url');
  const payload = encode({ jti: 'one', htm: 'GET', htu: url, iat: NOW, ath, ...claims });
  const signature = derToRaw(sign('sha256', Buffer.from(`${header}.${payload}`), pair.privateKey));
  return `${header}.${payload}.${Buffer.from(signature ?? []).toString('base64url')}`;
}

describe('cnf and catdpop (CTA-5007-B §4.8; RFC 9449 §4.3)', () => {
  const proofs = createDpopProofVerifier();
  const bound = tokenOf({ cnf: { jkt } });
  const present = (proof: string | undefined, more: CatRequest = {}): CatRequest => ({
    url,
    method: 'GET',
    headers: proof === undefined ? {} : { DPoP: proof },
    ...more,
  });
  const other = tokenOf({ cnf: { jkt: 'A'.repeat(43) } });

  it.each([
    ['proofs are not checked here', 'claim_unsupported/cnf', bound, present(proofFor(bound)), {}],
    ['there is no proof', 'missing_proof/cnf', bound, present(undefined), { proofs }],
    ['the proof is nonsense', 'bad_proof/cnf', bound, present('a.b.c'), { proofs }],
    [
      'there are two proofs',
      'bad_proof/cnf',
      bound,
      present(`${proofFor(bound)}, ${proofFor(bound)}`),
      { proofs },
    ],
    ['it is for another token', 'bad_proof/cnf', bound, present(proofFor(other)), { proofs }],
    [
      'it is for another method',
      'bad_proof/cnf',
      bound,
      present(proofFor(bound), { method: 'PUT' }),
      { proofs },
    ],
    [
      'it is for another URL',
      'bad_proof/cnf',
      bound,
      present(proofFor(bound), { url: `${url}b` }),
      { proofs },
    ],
    ['it is too old', 'bad_proof/cnf', bound, present(proofFor(bound, { iat: NOW - 301 })), { proofs }],
    ['it is of another key', 'wrong_key/cnf', other, present(proofFor(other)), { proofs }],
    [
      'the URL is not known',
      'claim_unsupported/cnf',
      bound,
      present(proofFor(bound), { url: undefined }),
      { proofs },
    ],
  ] as const)('is refused where %s', async (_, outcome, token, request, memory) => {
    expect(await outcomeOf(token, request, remembering(memory))).toBe(outcome);
  });

  it('is accepted with a proof for this request, for the URL that was called', async () => {
    expect(await outcomeOf(bound, present(proofFor(bound)), remembering({ proofs }))).toBe('accepted');
    const called = present(proofFor(bound), {
      url: 'https://video.example/stripped',
      calledUrl: `${url}?CAT=x`,
    });
    expect(await outcomeOf(bound, called, remembering({ proofs }))).toBe('accepted');
  });

  it.each([
    [60, 'accepted'],
    [61, 'bad_proof/cnf'],
  ])('a window of 60 s and a proof of %i s: %s', async (age, outcome) => {
    const token = tokenOf({ cnf: { jkt }, catdpop: { window: 60 } });
    const proof = proofFor(token, { iat: NOW - age });
    expect(await outcomeOf(token, present(proof), remembering({ proofs }))).toBe(outcome);
  });

  it('a proof may be used once where the token says so', async () => {
    const token = tokenOf({ cnf: { jkt }, catdpop: { jti: 1 } });
    const seen = new Set<string>();
    const rememberProof = ({ jti }: { jti: string }): boolean => !seen.has(jti) && seen.add(jti).size > 0;
    const request = present(proofFor(token));
    expect(await outcomeOf(token, request, remembering({ proofs }))).toBe('claim_unsupported/cnf');
    const memory = remembering({ proofs, rememberProof });
    expect(await outcomeOf(token, request, memory)).toBe('accepted');
    expect(await outcomeOf(token, request, memory)).toBe('used_proof/cnf');
    const lax = tokenOf({ cnf: { jkt }, catdpop: { jti: 0 } });
    expect(await outcomeOf(lax, present(proofFor(lax)), memory)).toBe('accepted');
  });

  it('answers at once where nothing has to be asked', () => {
    const memory = { proofs };
    expect(verifyCat(bound, present(proofFor(bound)), { ...policy, memory })).not.toBeInstanceOf(Promise);
  });
});
