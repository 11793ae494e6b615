/** When the token ends: from that moment on it is refused, without any leeway. @spec CTA-5007-B §4.6.3; RFC 8392 §3.1.4 */
import type { CatClaim } from '../claim.ts';
import { numberFromJson, readSeconds } from '../read-value.ts';

export const exp: CatClaim<number> = {
  name: 'exp',
  label: 4,
  section: '4.6.3',
  support: 'must',
  says: 'When the token ends, in seconds since the epoch; no leeway',
  read: readSeconds,
  acceptable: (end, { nowMs }) => (nowMs >= end * 1000 ? 'expired' : undefined),
  presented: ({ nowMs }) => nowMs / 1000,
  toJson: (end) => end,
  fromJson: numberFromJson,
};
