/**
 * Makes a policy ready to judge: what it asks is read once. What a program does not know, or cannot read, is kept as
 * something that fails.
 */
import type { Policy } from '../../domain/policy.ts';
import type { TSchema } from '../../schema/type.ts';
import { compileSchema, type Validator } from '../../schema/validator.ts';
import { conditionNamed } from './conditions/index.ts';
import type { Met, Need } from './conditions/condition.ts';
import type { PolicyFacts } from './facts.ts';
import { outcomeOf } from './outcomes/index.ts';
import type { Effect } from './outcomes/outcome.ts';

export interface PreparedPolicy {
  readonly policy: Policy;
  readonly conditions: readonly PreparedCondition[];
  readonly act: (facts: PolicyFacts) => Effect;
}

export interface PreparedCondition {
  readonly name: string;
  readonly needs: Need | undefined;
  /** @throws where it fails */
  readonly judge: (facts: PolicyFacts) => Met;
}

const compiled = new WeakMap<TSchema, Validator>();

/** Whether a value has the form that the schema asks for. */
export function hasForm(schema: TSchema, value: unknown): boolean {
  let validator = compiled.get(schema);
  if (validator === undefined) {
    validator = compileSchema(schema);
    compiled.set(schema, validator);
  }
  return validator.Check(value);
}

export function preparePolicy(policy: Policy): PreparedPolicy {
  return {
    policy,
    conditions: Object.entries(policy.conditions).map(([name, asked]) => prepareCondition(name, asked)),
    act: prepareOutcome(policy),
  };
}

function prepareCondition(name: string, asked: unknown): PreparedCondition {
  const known = conditionNamed(name);
  if (known === undefined) return failing(name, 'this server does not know the condition');
  try {
    if (hasForm(known.schema, asked)) return { name, needs: known.needs, judge: known.prepare(asked) };
  } catch {
    // What it asks cannot be read.
  }
  return failing(name, 'this server cannot read the condition');
}

function failing(name: string, why: string): PreparedCondition {
  return {
    name,
    needs: undefined,
    judge: () => {
      throw new Error(why);
    },
  };
}

function prepareOutcome(policy: Policy): PreparedPolicy['act'] {
  const { outcome } = policy;
  const known = outcomeOf(outcome.kind);
  try {
    if (known !== undefined && hasForm(known.schema, outcome)) {
      const act = known.prepare(outcome);
      return (facts) => act(facts, policy);
    }
  } catch {
    // What it does cannot be read.
  }
  return () => ({ does: 'block', why: 'this server does not know the outcome' });
}
