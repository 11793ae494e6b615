/** Which methods the token allows. Case matters. @spec CTA-5007-B §4.6.11; RFC 9110 §9.1 */
import type { CatClaim } from '../claim.ts';
import { readTextList, textListFromJson } from '../read-value.ts';

export const catm: CatClaim<readonly string[]> = {
  name: 'catm',
  label: 313,
  section: '4.6.11',
  support: 'must',
  says: 'Which methods are allowed, letter for letter',
  read: readTextList,
  acceptable: (methods, { request }) => {
    if (request.method === undefined) return 'claim_unsupported';
    return methods.includes(request.method) ? undefined : 'wrong_method';
  },
  presented: ({ request }) => request.method,
  toJson: (methods) => methods,
  fromJson: textListFromJson,
};
