/** What a policy does where its conditions are met: one object in one file of this room. */
import type { Policy } from '../../../domain/policy.ts';
import type { Static, TSchema } from '../../../schema/type.ts';
import type { PolicyFacts } from '../facts.ts';

/** What comes of it for this request. */
export type Effect =
  | { readonly does: 'nothing'; readonly why: string }
  | { readonly does: 'block'; readonly why: string }
  | ({ readonly does: 'step_up'; readonly why: string } & StepUp)
  | { readonly does: 'consent'; readonly why: string }
  | { readonly does: 'shorten' | 'lengthen'; readonly seconds: number; readonly why: string };

/** What the sign-in has to be. */
export interface StepUp {
  readonly acr?: string;
  readonly maxAgeSeconds?: number;
}

export interface OutcomeDefinition<Schema extends TSchema> {
  readonly kind: string;
  /** With `kind` among its members. */
  readonly schema: Schema;
  /** @throws whatever is wrong with it: then it blocks */
  prepare(asked: Static<Schema>): (facts: PolicyFacts, policy: Policy) => Effect;
}

export type Outcome = OutcomeDefinition<TSchema>;

export function outcome<const Schema extends TSchema>(definition: OutcomeDefinition<Schema>): Outcome {
  // What was asked is checked against the schema before it is prepared (prepare.ts).
  return definition;
}
