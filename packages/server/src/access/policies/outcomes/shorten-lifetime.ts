/** No longer than this, whatever else is said. */
import { Type } from '../../../schema/type.ts';
import { Life } from './lifetime.ts';
import { outcome } from './outcome.ts';

export const shortenLifetime = outcome({
  kind: 'shorten_lifetime',
  schema: Type.Object(
    { kind: Type.Literal('shorten_lifetime'), seconds: Life },
    { additionalProperties: false, description: 'The token lives no longer' },
  ),
  prepare:
    ({ seconds }) =>
    () => ({ does: 'shorten', seconds, why: `no longer than ${seconds} s` }),
});
