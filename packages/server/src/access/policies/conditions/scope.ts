/** What the token may do. */
import { anyOrNone, judgeAnyOrNone } from './any-or-none.ts';
import { condition } from './condition.ts';

export const scope = condition({
  name: 'scope',
  schema: anyOrNone('Scopes that the token would carry', {
    pattern: '^[\\x21\\x23-\\x5b\\x5d-\\x7e]{1,100}$',
  }),
  prepare: (asked) => (facts) => judgeAnyOrNone(asked, facts.scopes, 'no scope'),
});
