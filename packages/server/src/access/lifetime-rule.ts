/** The rule of a lifetime as people write it: seconds, or two ends to draw between. */
import { Type } from '../schema/type.ts';
import { LONGEST_TOKEN_LIFE_MS } from '../domain/access-token.ts';
import type { AccessTokenLifetime } from '../domain/access-token-lifetime.ts';

const Seconds = Type.Integer({ minimum: 1, maximum: LONGEST_TOKEN_LIFE_MS / 1000 });

export const LifetimeRule = Type.Union(
  [Seconds, Type.Object({ min: Seconds, max: Seconds }, { additionalProperties: false })],
  { description: 'Seconds: fixed, or drawn at random between the two ends for each token' },
);

/** What is wrong with a rule whose form is right; undefined: nothing. */
export function lifetimeRefusal(rule: AccessTokenLifetime): string | undefined {
  return typeof rule === 'number' || rule.min <= rule.max ? undefined : 'min must not be above max';
}
