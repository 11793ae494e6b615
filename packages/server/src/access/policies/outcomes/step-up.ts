/**
 * A better sign-in, or a newer one. Whoever has it passes.
 * @spec RFC 9470 §3, §5
 */
import { Type } from '../../../schema/type.ts';
import { outcome } from './outcome.ts';

export const stepUp = outcome({
  kind: 'step_up',
  schema: Type.Object(
    {
      kind: Type.Literal('step_up'),
      acr: Type.Optional(
        Type.String({ minLength: 1, maxLength: 200, description: 'The class it has to meet' }),
      ),
      max_age: Type.Optional(
        Type.Integer({ minimum: 60, maximum: 31_536_000, description: 'Seconds it may be old' }),
      ),
    },
    { additionalProperties: false, minProperties: 2, description: 'The sign-in has to be this good' },
  ),
  prepare:
    ({ acr, max_age: maxAge }) =>
    ({ person, at }) => {
      if (person === undefined) return { does: 'nothing', why: 'nobody signs in for an app' };
      const isGood = acr === undefined || person.acrs.includes(acr);
      const isNew = maxAge === undefined || at - person.authTime < maxAge * 1000;
      if (isGood && isNew) return { does: 'nothing', why: 'the sign-in is as it asks for' };
      return {
        does: 'step_up',
        why: isGood ? 'the sign-in is too old' : 'the sign-in is too weak',
        ...(acr === undefined ? {} : { acr }),
        ...(maxAge === undefined ? {} : { maxAgeSeconds: maxAge }),
      };
    },
});
