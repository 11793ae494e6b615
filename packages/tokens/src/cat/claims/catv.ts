/** The version of what the claims mean: 1, or absent. @spec CTA-5007-B §4.6.8 */
import type { CatClaim } from '../claim.ts';
import { isUint, numberFromJson } from '../read-value.ts';

export const catv: CatClaim<number> = {
  name: 'catv',
  label: 310,
  section: '4.6.8',
  support: 'must',
  says: 'The version, which is 1',
  read: (value) => (isUint(value) ? value : undefined),
  acceptable: (version) => (version === 1 ? undefined : 'wrong_version'),
  presented: () => 1,
  toJson: (version) => version,
  fromJson: numberFromJson,
};
