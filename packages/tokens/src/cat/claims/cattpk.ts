/** Which public key the client's TLS chain must show. @spec CTA-5007-B §4.6.18; RFC 5280 §4.1.2.7 */
import type { CborValue } from '../../cbor/index.ts';
import type { CatClaim } from '../claim.ts';
import { fromHex, toHex } from '../json-value.ts';

const SEQUENCE = 0x30;

export const cattpk: CatClaim<Uint8Array> = {
  name: 'cattpk',
  label: 319,
  section: '4.6.18',
  support: 'may',
  says: "Which public key a certificate of the client's TLS chain must have: SubjectPublicKeyInfo, DER",
  read: readPublicKeyInfo,
  acceptable: (key, { request }) => {
    if (request.tlsKeys === undefined) return 'claim_unsupported';
    return request.tlsKeys.some((each) => Buffer.compare(each, key) === 0) ? undefined : 'wrong_tls_key';
  },
  presented: ({ request }) => request.tlsKeys?.map(toHex),
  toJson: toHex,
  fromJson: fromHex,
};

/** A hash of the key, as some write it, is not the key: it fits no sequence of exactly this length. */
function readPublicKeyInfo(value: CborValue): Uint8Array | undefined {
  if (!(value instanceof Uint8Array) || value[0] !== SEQUENCE) return undefined;
  const first = value[1] ?? 0;
  if (first < 0x80) return value.length === 2 + first ? value : undefined;
  const size = first - 0x80;
  if (size < 1 || size > 2) return undefined;
  const length = size === 1 ? (value[2] ?? 0) : ((value[2] ?? 0) << 8) | (value[3] ?? 0);
  return value.length === 2 + size + length ? value : undefined;
}
