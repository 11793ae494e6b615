/** For whom the token is. @spec CTA-5007-B §4.6.2; RFC 8392 §3.1.3 */
import type { CatClaim } from '../claim.ts';
import { listOf, readTexts, textsFromJson } from '../read-value.ts';
import type { Texts } from '../read-value.ts';

export const aud: CatClaim<Texts> = {
  name: 'aud',
  label: 3,
  section: '4.6.2',
  support: 'must',
  says: 'For whom the token is; this recipient must be one of them',
  read: readTexts,
  acceptable: (named, { audiences }) =>
    listOf(named).some((each) => audiences.includes(each)) ? undefined : 'wrong_audience',
  presented: ({ audiences }) => audiences,
  toJson: (named) => named,
  fromJson: textsFromJson,
};
