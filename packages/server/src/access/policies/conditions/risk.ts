/** What others know of the person: the worst of the signals that have not expired. */
import { RISK_LEVELS } from '../../../domain/policy.ts';
import { Type } from '../../../schema/type.ts';
import { condition } from './condition.ts';

export const risk = condition({
  name: 'risk',
  schema: Type.Object(
    { at_least: Type.Enum([...RISK_LEVELS]) },
    { additionalProperties: false, description: 'The worst signal about the person' },
  ),
  needs: 'risk',
  prepare: ({ at_least: least }) => {
    const expected = `at least ${least}`;
    return ({ person }) => {
      if (person === undefined) return { met: false, expected, got: 'nobody' };
      const { risk: got } = person;
      if (got === undefined) throw new Error('the risk is not known');
      const met = got !== 'none' && RISK_LEVELS.indexOf(got) >= RISK_LEVELS.indexOf(least);
      return { met, expected, got };
    };
  },
});
