/** Which fingerprint the TLS connection must have; an extension of Fastly's, not of CTA-5007. */
import type { CborKey, CborValue } from '../../cbor/index.ts';
import type { CatClaim } from '../claim.ts';
import { isJsonRecord } from '../json-value.ts';
import { isMap } from '../read-value.ts';

const TYPES = [
  'JA3',
  'JA3S',
  'JA4',
  'JA4S',
  'JA4H',
  'JA4L',
  'JA4X',
  'JA4SSH',
  'JA4T',
  'JA4TS',
  'JA4TScan',
  'JA4D',
  'JA4D6',
] as const;

interface Fingerprint {
  readonly type: string;
  readonly value: string;
}

export const cattprint: CatClaim<Fingerprint> = {
  name: 'cattprint',
  label: 324,
  support: 'extension',
  says: 'Which fingerprint the TLS connection must have, such as its JA4',
  read: (value) => {
    if (!isMap(value) || value.size !== 2) return undefined;
    const number = value.get(0);
    const type = typeof number === 'number' ? TYPES[number] : undefined;
    const fingerprint = value.get(1);
    return type === undefined || typeof fingerprint !== 'string' ? undefined : { type, value: fingerprint };
  },
  acceptable: ({ type, value }, { request }) => {
    const actual = request.tlsFingerprints?.[type];
    if (actual === undefined) return 'claim_unsupported';
    return actual.toLowerCase() === value.toLowerCase() ? undefined : 'wrong_fingerprint';
  },
  presented: ({ request }, { type }) => request.tlsFingerprints?.[type],
  toJson: ({ type, value }) => ({ type, value }),
  fromJson: (json) => {
    if (!isJsonRecord(json)) return undefined;
    const type = TYPES.findIndex((each) => each === json['type']);
    const { value } = json;
    return type === -1 || typeof value !== 'string'
      ? undefined
      : new Map<CborKey, CborValue>([
          [0, type],
          [1, value],
        ]);
  },
};
