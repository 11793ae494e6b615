/** No token. */
import { Type } from '../../../schema/type.ts';
import { outcome } from './outcome.ts';

export const block = outcome({
  kind: 'block',
  schema: Type.Object(
    { kind: Type.Literal('block') },
    { additionalProperties: false, description: 'No token is given' },
  ),
  prepare: () => () => ({ does: 'block', why: 'it blocks' }),
});
