/** Whom the token is about. It only informs. @spec CTA-5007-B §4.7.1; RFC 8392 §3.1.2 */
import type { CatClaim } from '../claim.ts';
import { readText } from '../read-value.ts';

export const sub: CatClaim<string> = {
  name: 'sub',
  label: 2,
  section: '4.7.1',
  support: 'must',
  says: 'Whom the token is about; informs only',
  read: readText,
  toJson: (subject) => subject,
  fromJson: (json) => (typeof json === 'string' ? json : undefined),
};
