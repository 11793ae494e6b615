/** The token's own identifier. @spec CTA-5007-B §4.6.5; RFC 8392 §3.1.7 */
import type { CborValue } from '../../cbor/index.ts';
import type { CatClaim } from '../claim.ts';
import { fromHex, toHex } from '../json-value.ts';

export const CTI = 7;

/** @returns the identifier; undefined for what is none */
export function readCti(value: CborValue): Uint8Array | undefined {
  return value instanceof Uint8Array && value.length > 0 ? value : undefined;
}

export const cti: CatClaim<Uint8Array> = {
  name: 'cti',
  label: CTI,
  section: '4.6.5',
  support: 'must',
  says: 'The identifier of the token, bytes; hexadecimal in JSON',
  read: readCti,
  toJson: toHex,
  fromJson: fromHex,
};
