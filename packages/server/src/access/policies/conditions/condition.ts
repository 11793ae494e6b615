/** A condition of an access policy: one object in one file of this room. */
import type { Static, TSchema } from '../../../schema/type.ts';
import type { PolicyReach } from '../../../domain/policy.ts';
import type { PolicyFacts } from '../facts.ts';

/** Whether a condition is met, and why: both for people to read. */
export interface Met {
  readonly met: boolean;
  readonly expected: string;
  readonly got: string;
}

/** What has to be looked up before a condition can be judged. */
export type Need = 'memberships' | 'risk';

export interface ConditionDefinition<Schema extends TSchema> {
  /** As policies name it. */
  readonly name: string;
  /** What stands under the name. */
  readonly schema: Schema;
  readonly needs?: Need;
  /** Which tokens it leaves to the policy, where that can be told by their ids. */
  reach?(asked: Static<Schema>): Reach | undefined;
  /**
   * Reads what is asked once, and judges many times.
   * @throws whatever is wrong with it: then the condition fails
   */
  prepare(asked: Static<Schema>): (facts: PolicyFacts) => Met;
}

/** Ids that a condition names; a token has to be of one of them. */
export interface Reach {
  readonly by: Exclude<keyof PolicyReach, 'organizationId'> | 'resource';
  readonly ids: readonly string[];
}

/** A condition whose kind of question is nobody else's business. */
export type Condition = ConditionDefinition<TSchema>;

export function condition<const Schema extends TSchema>(definition: ConditionDefinition<Schema>): Condition {
  // What was asked is checked against the schema before it is prepared (prepare.ts).
  return definition;
}
