/** The person is asked, also where they were asked before; what they allowed before the policy has to be allowed anew. */
import { Type } from '../../../schema/type.ts';
import { outcome } from './outcome.ts';

export const requireConsent = outcome({
  kind: 'require_consent',
  schema: Type.Object(
    { kind: Type.Literal('require_consent') },
    { additionalProperties: false, description: 'The person is asked each time' },
  ),
  prepare:
    () =>
    ({ person }, { decidesFrom }) => {
      if (person === undefined) return { does: 'nothing', why: 'there is nobody to ask' };
      const { allowedAt } = person;
      if (allowedAt !== undefined && allowedAt >= decidesFrom)
        return { does: 'nothing', why: 'the person was asked' };
      return { does: 'consent', why: 'the person has to be asked' };
    },
});
