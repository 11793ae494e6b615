/** When the token begins: until that moment it is refused, without any leeway. @spec CTA-5007-B §4.6.4; RFC 8392 §3.1.5 */
import type { CatClaim } from '../claim.ts';
import { numberFromJson, readSeconds } from '../read-value.ts';

export const nbf: CatClaim<number> = {
  name: 'nbf',
  label: 5,
  section: '4.6.4',
  support: 'must',
  says: 'When the token begins, in seconds since the epoch; no leeway',
  read: readSeconds,
  acceptable: (start, { nowMs }) => (nowMs < start * 1000 ? 'not_yet_valid' : undefined),
  presented: ({ nowMs }) => nowMs / 1000,
  toJson: (start) => start,
  fromJson: numberFromJson,
};
