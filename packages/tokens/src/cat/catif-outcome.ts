/** What to answer for a claim that was not accepted, where the token says so itself. @spec CTA-5007-B §4.9.1 */
import type { CborKey, CborMap, CborValue } from '../cbor/index.ts';
import type { CoseKey } from '../cose/index.ts';
import type { Random } from '../random.ts';
import type { CatError } from './cat-error.ts';
import { keyNamed } from './cat-keys.ts';
import { createCat } from './create-cat.ts';
import type { CatCreation } from './create-cat.ts';
import { CATIF, readRules } from './claims/catif.ts';
import type { FailureRule, HeaderPart } from './claims/catif.ts';

/** What a token in the answer is made with. */
export interface CatifMint extends Pick<CatCreation, 'compositeLabels' | 'extensions'> {
  readonly keys: readonly CoseKey[];
  readonly issuer: string;
  readonly clock: () => number;
  readonly random: Random;
}

export interface CatifOutcome {
  readonly status: number;
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** What was made for the answer and stands in its headers. */
  readonly tokens: readonly string[];
}

const ISS = 1;
const IAT = 6;
const CTI = 7;
/** How a message ends and who is at its other end is for whoever sends it to say (RFC 9110 §7.6.1). */
const NOT_FOR_TOKENS: ReadonlySet<string> = new Set([
  'connection',
  'content-length',
  'host',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/**
 * @param error what `verifyCat` refused the token with
 * @param mint without it, and where its key is not there, an answer that needs a token is not given
 * @returns undefined where the token is not authentic or has no answer for this claim
 */
export function catifOutcome(error: CatError, mint?: CatifMint): CatifOutcome | undefined {
  const claims = error.authenticClaims();
  const value = claims?.get(CATIF);
  if (claims === undefined || value === undefined || error.label === undefined) return undefined;
  const { label } = error;
  const rule = readRules(value)?.find(({ labels }) => labels.includes(label));
  return rule === undefined ? undefined : answer(rule, claims, mint);
}

function answer(rule: FailureRule, claims: CborMap, mint: CatifMint | undefined): CatifOutcome | undefined {
  const tokens: string[] = [];
  const headers: [string, string][] = [];
  for (const [name, parts] of rule.headers) {
    if (NOT_FOR_TOKENS.has(name.toLowerCase())) continue;
    const texts = parts.map((part) => textOf(part, rule.kid, claims, mint, tokens));
    if (texts.includes(undefined)) return undefined;
    headers.push([name, texts.join('')]);
  }
  return { status: rule.status, headers, tokens };
}

function textOf(
  part: HeaderPart,
  kid: CborValue,
  claims: CborMap,
  mint: CatifMint | undefined,
  tokens: string[],
): string | undefined {
  if (typeof part === 'string') return part;
  const name = typeof kid === 'string' || kid instanceof Uint8Array ? kid : undefined;
  const key = mint === undefined ? undefined : keyNamed(mint.keys, name);
  const filled = mint === undefined || key === undefined ? undefined : fill(part, claims, mint);
  if (mint === undefined || key === undefined || filled === undefined) return undefined;
  const token = createCat(filled, { ...mint, key, allowPersonal: true });
  tokens.push(token);
  return token;
}

/** Null is to be filled in: what every new token has of its own, and for the rest what the refused one said. */
function fill(template: CborMap, claims: CborMap, { issuer, clock, random }: CatifMint): CborMap | undefined {
  const filled = new Map<CborKey, CborValue>();
  for (const [label, value] of template) {
    if (value !== null) filled.set(label, value);
    else if (label === ISS) filled.set(label, issuer);
    else if (label === IAT) filled.set(label, Math.floor(clock() / 1000));
    else if (label === CTI) filled.set(label, random(16));
    else if (claims.has(label)) filled.set(label, claims.get(label));
    else return undefined;
  }
  return filled;
}
