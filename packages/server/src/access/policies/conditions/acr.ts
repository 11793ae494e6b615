/**
 * How well the person proved who they are, as a class: a sign-in meets its own and all weaker ones.
 * @spec OpenID Connect Core §2 (`acr`), RFC 9470 §4
 */
import { anyOrNone, judgeAnyOrNone } from './any-or-none.ts';
import { condition } from './condition.ts';

export const acr = condition({
  name: 'acr',
  schema: anyOrNone('Classes of authentication, of those that acr_values_supported names'),
  prepare:
    (asked) =>
    ({ person }) => {
      const judged = judgeAnyOrNone(asked, person?.acrs ?? [], person === undefined ? 'nobody' : 'none');
      return person === undefined ? { ...judged, met: false } : judged;
    },
});
