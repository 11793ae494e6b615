/** When the token was issued. It only informs, and is never a reason to refuse. @spec CTA-5007-B §4.7.2; RFC 8392 §3.1.6 */
import type { CatClaim } from '../claim.ts';
import { numberFromJson, readSeconds } from '../read-value.ts';

export const iat: CatClaim<number> = {
  name: 'iat',
  label: 6,
  section: '4.7.2',
  support: 'must',
  says: 'When the token was issued, in seconds since the epoch; informs only',
  read: readSeconds,
  toJson: (at) => at,
  fromJson: numberFromJson,
};
