/** The life of the token in seconds, as both outcomes about it take it. */
import { LONGEST_TOKEN_LIFE_MS } from '../../../domain/access-token.ts';
import { Type } from '../../../schema/type.ts';

export const Life = Type.Integer({
  minimum: 1,
  maximum: LONGEST_TOKEN_LIFE_MS / 1000,
  description: 'Seconds',
});
