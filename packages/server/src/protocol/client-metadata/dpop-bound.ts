/**
 * Whether the client proves a key whenever it asks for tokens.
 * @spec RFC 9449 §5.2 (`dpop_bound_access_tokens`)
 */
import { Type } from '../../schema/type.ts';
import type { MetadataRule } from './metadata-rule.ts';

export const dpopBound: MetadataRule = {
  members: {
    dpop_bound_access_tokens: Type.Boolean({
      description: 'true: every request for a token needs a DPoP proof',
    }),
  },
  refusals: () => [],
};
