/** Who stands behind the request. An app that asks for itself is nobody. */
import { anyOrNone, judgeAnyOrNone, reachOf } from './any-or-none.ts';
import { condition } from './condition.ts';

export const user = condition({
  name: 'user',
  schema: anyOrNone('Ids of people', { pattern: '^[A-Za-z0-9_-]{1,100}$' }),
  reach: (asked) => reachOf('userId', asked),
  prepare:
    (asked) =>
    ({ person }) => {
      const judged = judgeAnyOrNone(asked, person === undefined ? [] : [person.userId], 'nobody');
      // A rule about people says nothing about machines.
      return person === undefined ? { ...judged, met: false } : judged;
    },
});
