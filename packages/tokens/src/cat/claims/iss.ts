/** Who issued the token. @spec CTA-5007-B §4.6.1; RFC 8392 §3.1.1 */
import type { CatClaim } from '../claim.ts';
import { readText } from '../read-value.ts';

export const iss: CatClaim<string> = {
  name: 'iss',
  label: 1,
  section: '4.6.1',
  support: 'must',
  says: 'Who issued the token; it must be an issuer that is trusted here',
  read: readText,
  acceptable: (issuer, { issuers }) => (issuers.includes(issuer) ? undefined : 'wrong_issuer'),
  presented: ({ issuers }) => issuers,
  toJson: (issuer) => issuer,
  fromJson: (json) => (typeof json === 'string' ? json : undefined),
};
