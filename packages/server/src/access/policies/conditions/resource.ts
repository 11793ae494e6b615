/** Which API the token is for. */
import { anyOrNone, judgeAnyOrNone, reachOf } from './any-or-none.ts';
import { condition } from './condition.ts';

export const resource = condition({
  name: 'resource',
  schema: anyOrNone('Identifiers of APIs; that of the issuer for what is read at UserInfo'),
  reach: (asked) => reachOf('resource', asked),
  prepare: (asked) => (facts) => judgeAnyOrNone(asked, facts.audience, 'no API'),
});
