/** How strictly the proof of possession that `cnf` asks for is to be checked. @spec CTA-5007-B §4.8.2 */
import type { CborKey, CborValue } from '../../cbor/index.ts';
import type { CatClaim } from '../claim.ts';
import { isJsonRecord } from '../json-value.ts';
import type { JsonValue } from '../json-value.ts';
import { isList, isMap, isUint } from '../read-value.ts';

/** Settings of a proof. */
export interface ProofSettings {
  /** How old a proof may be; the usual bound where the token names none. */
  readonly windowSeconds: number | undefined;
  /** Whether a proof may be used once only. */
  readonly isJtiHonoured: boolean;
  readonly value: ReadonlyMap<CborKey, CborValue>;
}

export const CATDPOP = 321;
const CRIT = -1;
const WINDOW = 0;
const JTI = 1;
const HONOUR = 1;
const CNF = 8;
const NAMES = [
  [CRIT, 'crit'],
  [WINDOW, 'window'],
  [JTI, 'jti'],
] as const;

/** @returns undefined for what is malformed, and for a critical setting that is unknown */
export function readProofSettings(value: CborValue): ProofSettings | undefined {
  if (!isMap(value)) return undefined;
  const critical = value.get(CRIT);
  const window = value.get(WINDOW);
  const jti = value.get(JTI);
  if (
    value.has(CRIT) &&
    !(isList(critical) && critical.length > 0 && critical.every((key) => isSetting(key, value)))
  ) {
    return undefined;
  }
  if (value.has(WINDOW) && !isUint(window)) return undefined;
  if (value.has(JTI) && !isUint(jti)) return undefined;
  return { windowSeconds: isUint(window) ? window : undefined, isJtiHonoured: jti === HONOUR, value };
}

function isSetting(key: CborValue, value: ReadonlyMap<CborKey, CborValue>): boolean {
  return (key === WINDOW || key === JTI) && value.has(key);
}

export const catdpop: CatClaim<ProofSettings> = {
  name: 'catdpop',
  label: CATDPOP,
  section: '4.8.2',
  support: 'must',
  says: 'How old a DPoP proof may be, in seconds, and whether it may be used once only',
  read: readProofSettings,
  // The settings of a proof that nothing asks for.
  acceptable: (_, context) => (context.claim(CNF) === undefined ? 'claim_missing' : undefined),
  toJson: ({ value }) =>
    Object.fromEntries(
      NAMES.filter(([key]) => value.has(key)).map(([key, name]) => [name, value.get(key) as JsonValue]),
    ),
  fromJson: (json) => {
    if (!isJsonRecord(json)) return undefined;
    const map = new Map<CborKey, CborValue>();
    for (const [name, setting] of Object.entries(json)) {
      const key = NAMES.find(([, each]) => each === name)?.[0];
      if (key === undefined) return undefined;
      map.set(key, setting as CborValue);
    }
    return map;
  },
};
