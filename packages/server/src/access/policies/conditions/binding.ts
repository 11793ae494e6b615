/**
 * Whether the token is bound to a key of whoever asks.
 * @spec RFC 9449 §6, RFC 8705 §3
 */
import { Type } from '../../../schema/type.ts';
import { BINDINGS } from '../facts.ts';
import { judgeAnyOrNone } from './any-or-none.ts';
import { condition } from './condition.ts';

const Bindings = Type.Array(Type.Enum([...BINDINGS]), { minItems: 1, maxItems: 3 });

export const binding = condition({
  name: 'binding',
  schema: Type.Object(
    { any_of: Type.Optional(Bindings), none_of: Type.Optional(Bindings) },
    { additionalProperties: false, minProperties: 1, description: 'none: a bearer token' },
  ),
  prepare: (asked) => (facts) => judgeAnyOrNone(asked, [facts.binding], 'none'),
});
