/** Which app asks. */
import { anyOrNone, judgeAnyOrNone, reachOf } from './any-or-none.ts';
import { condition } from './condition.ts';

export const client = condition({
  name: 'client',
  schema: anyOrNone('Ids of apps', { pattern: '^[\\x21-\\x7e]{1,2048}$' }),
  reach: (asked) => reachOf('clientId', asked),
  prepare: (asked) => (facts) =>
    judgeAnyOrNone(asked, facts.client === undefined ? [] : [facts.client.id], 'no app'),
});
