/**
 * How long ago the person proved who they are.
 * @spec OpenID Connect Core §2 (`auth_time`)
 */
import { Type } from '../../../schema/type.ts';
import { condition } from './condition.ts';

const Seconds = Type.Integer({ minimum: 1, maximum: 31_536_000 });

export const signInAge = condition({
  name: 'sign_in_age',
  schema: Type.Object(
    { at_least: Type.Optional(Seconds), below: Type.Optional(Seconds) },
    { additionalProperties: false, minProperties: 1, description: 'Seconds since the sign-in' },
  ),
  prepare: ({ at_least: least, below }) => {
    const parts = [
      least === undefined ? undefined : `at least ${least} s`,
      below === undefined ? undefined : `below ${below} s`,
    ];
    const expected = parts.filter((part) => part !== undefined).join('; ');
    return ({ person, at }) => {
      if (person === undefined) return { met: false, expected, got: 'nobody' };
      const seconds = Math.floor((at - person.authTime) / 1000);
      const met = (least === undefined || seconds >= least) && (below === undefined || seconds < below);
      return { met, expected, got: `${seconds} s` };
    };
  },
});
