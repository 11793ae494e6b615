/**
 * Which keys a token may have been made with. A key is good for one algorithm, whatever the token says.
 * @spec CTA-5007-B §4.3.1; RFC 9052 §3.1
 */
import { coseAlgNumbers, kidBytes } from '../cose/index.ts';
import type { CoseKey, CoseMessage } from '../cose/index.ts';

/** As a list, or as a function that looks keys up by the name that the token gives. */
export type CatKeys = readonly CoseKey[] | ((kid: Uint8Array | undefined) => readonly CoseKey[]);

/** What the header of a token calls it, where it says so: a key that signs other things too is told apart by it. */
export const CAT_TYPE = 'CAT';

/** How many keys are tried for a token that names none. */
const MAXIMUM_TRIED = 8;
/** Without EdDSA, which CTA-5007 does not have, and without tags that are cut to eight bytes. */
const ALGS: ReadonlySet<CoseKey['alg']> = new Set(['HS256', 'ES256', 'PS256']);

/**
 * @returns keys that fit the token, and whether only their algorithm kept some from fitting: keys of its name, and
 * those that have no name; all of them where the token names none
 */
export function keysFor(
  message: CoseMessage,
  keys: CatKeys,
): { readonly keys: readonly CoseKey[]; readonly isAlgWrong: boolean } {
  const named = typeof keys === 'function' ? keys(message.kid) : keys;
  let isAlgWrong = false;
  const fitting: CoseKey[] = [];
  for (const key of named) {
    if (!ALGS.has(key.alg) || !isNamed(key, message.kid)) continue;
    if (fitsAlg(key, message)) fitting.push(key);
    else isAlgWrong = true;
    if (fitting.length === MAXIMUM_TRIED) break;
  }
  return { keys: fitting, isAlgWrong };
}

function isNamed({ kid }: CoseKey, wanted: Uint8Array | undefined): boolean {
  return wanted === undefined || kid === undefined || Buffer.compare(kid, wanted) === 0;
}

function fitsAlg({ alg }: CoseKey, message: CoseMessage): boolean {
  if (message.alg !== undefined && message.alg !== coseAlgNumbers[alg]) return false;
  return message.type === undefined || message.type === (alg === 'HS256' ? 'mac0' : 'sign1');
}

/** @returns the key of that name, to make tokens with; a single key needs no name */
export function keyNamed(
  keys: readonly CoseKey[],
  kid: string | Uint8Array | undefined,
): CoseKey | undefined {
  const wanted = kidBytes(kid);
  if (wanted === undefined) return keys.length === 1 ? keys[0] : undefined;
  return keys.find((key) => key.kid !== undefined && Buffer.compare(key.kid, wanted) === 0);
}
