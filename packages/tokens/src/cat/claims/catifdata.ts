/** Texts for whoever answers a refusal. They only inform. @spec CTA-5007-B §4.7.3 */
import type { CatClaim } from '../claim.ts';
import { readTexts, textsFromJson } from '../read-value.ts';
import type { Texts } from '../read-value.ts';

export const catifdata: CatClaim<Texts> = {
  name: 'catifdata',
  label: 320,
  section: '4.7.3',
  support: 'may',
  says: 'Texts for what catif points to; informs only',
  read: readTexts,
  toJson: (texts) => texts,
  fromJson: textsFromJson,
};
