/**
 * By which means the person proved who they are.
 * @spec RFC 8176 §2
 */
import { anyOrNone, judgeAnyOrNone } from './any-or-none.ts';
import { condition } from './condition.ts';

export const amr = condition({
  name: 'amr',
  schema: anyOrNone('Means of authentication, such as pwd, otp, hwk or mfa', {
    pattern: '^[a-z0-9_-]{1,32}$',
  }),
  prepare:
    (asked) =>
    ({ person }) => {
      const judged = judgeAnyOrNone(asked, person?.amr ?? [], person === undefined ? 'nobody' : 'none');
      return person === undefined ? { ...judged, met: false } : judged;
    },
});
