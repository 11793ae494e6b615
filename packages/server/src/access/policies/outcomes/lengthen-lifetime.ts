/** At least so long, for APIs that are the policy's own: whoever answers for an API says how long its tokens open it. */
import { Type } from '../../../schema/type.ts';
import { Life } from './lifetime.ts';
import { outcome } from './outcome.ts';

export const lengthenLifetime = outcome({
  kind: 'lengthen_lifetime',
  schema: Type.Object(
    { kind: Type.Literal('lengthen_lifetime'), seconds: Life },
    { additionalProperties: false, description: 'The token lives at least so long' },
  ),
  prepare:
    ({ seconds }) =>
    ({ apis }, { serverWide, organizationId }) => {
      if (apis.some(({ builtIn }) => builtIn)) {
        return { does: 'nothing', why: "Tessera's own API is nobody's to lengthen" };
      }
      return serverWide || (apis.length > 0 && apis.every((api) => api.organizationId === organizationId))
        ? { does: 'lengthen', seconds, why: `at least ${seconds} s` }
        : { does: 'nothing', why: 'the API is not of its organization' };
    },
});
