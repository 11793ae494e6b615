/**
 * What policies say of one request for a token: which of them apply, why, and what follows from all of them together.
 * A condition that is not known or fails blocks, unless another one says that the policy is not about this request.
 */
import type { Policy } from '../../domain/policy.ts';
import type { PolicyFacts } from './facts.ts';
import type { Effect, StepUp } from './outcomes/outcome.ts';
import type { PreparedCondition, PreparedPolicy } from './prepare.ts';

/** One policy, before one request. */
export interface Finding {
  readonly policy: Policy;
  readonly conditions: readonly JudgedCondition[];
  readonly applies: boolean;
  /** Present where it applies. */
  readonly effect?: Effect;
}

export interface JudgedCondition {
  readonly name: string;
  readonly result: 'met' | 'not_met' | 'failed';
  readonly expected: string;
  readonly got: string;
}

/** What follows, of the policies that are enforced. */
export interface Ruling {
  /** The first that blocks. */
  readonly blockedBy?: { readonly policy: Policy; readonly why: string };
  readonly stepUp?: StepUps;
  readonly consentFor?: Policy;
  /** The shortest of those that shorten, the longest of those that lengthen. */
  readonly shorten?: Limit;
  readonly lengthen?: Limit;
}

export interface StepUps {
  /** Each has to be met. */
  readonly acrs: readonly string[];
  readonly maxAgeSeconds?: number;
  /** The first that asks. */
  readonly policy: Policy;
}

export interface Limit {
  readonly seconds: number;
  readonly policyId: string;
}

/**
 * Whether a policy is about such tokens at all: those of its organization's apps and APIs, or everything. Tessera's own
 * API has to be named: whoever locks everybody out can still come back.
 * @param organizationId of the token, where it has one of its own
 */
export function isInReach(
  {
    serverWide,
    organizationId: own,
    conditions,
  }: Pick<Policy, 'serverWide' | 'organizationId' | 'conditions'>,
  { client, apis }: Pick<PolicyFacts, 'client' | 'apis'>,
  organizationId?: string,
): boolean {
  if (apis.some(({ builtIn, identifier }) => builtIn && !isNamed(identifier, conditions['resource'])))
    return false;
  return (
    serverWide ||
    client?.organizationId === own ||
    organizationId === own ||
    apis.some((api) => api.organizationId === own)
  );
}

function isNamed(identifier: string, asked: unknown): boolean {
  const { any_of: names }: { readonly any_of?: unknown } =
    typeof asked === 'object' && asked !== null ? asked : {};
  return Array.isArray(names) && names.includes(identifier);
}

export function findingOf({ policy, conditions, act }: PreparedPolicy, facts: PolicyFacts): Finding {
  const judged = conditions.map((each) => judgedCondition(each, facts));
  if (judged.some(({ result }) => result === 'not_met'))
    return { policy, conditions: judged, applies: false };
  const failed = judged.find(({ result }) => result === 'failed');
  if (failed !== undefined) {
    const why = `its condition ${failed.name} failed: ${failed.got}`;
    return { policy, conditions: judged, applies: true, effect: { does: 'block', why } };
  }
  return { policy, conditions: judged, applies: true, effect: effectOf(act, facts) };
}

function judgedCondition({ name, judge }: PreparedCondition, facts: PolicyFacts): JudgedCondition {
  try {
    const { met, expected, got } = judge(facts);
    return { name, result: met ? 'met' : 'not_met', expected, got };
  } catch (error) {
    const got = error instanceof Error ? error.message : 'unknown reason';
    return { name, result: 'failed', expected: 'a condition that can be judged', got };
  }
}

function effectOf(act: PreparedPolicy['act'], facts: PolicyFacts): Effect {
  try {
    return act(facts);
  } catch {
    return { does: 'block', why: 'its outcome failed' };
  }
}

/** @param findings of policies that are enforced, oldest first */
export function rulingOf(findings: readonly Finding[]): Ruling {
  let ruling: Ruling = {};
  for (const { policy, effect } of findings) {
    if (effect !== undefined) ruling = withEffect(ruling, policy, effect);
  }
  return ruling;
}

function withEffect(ruling: Ruling, policy: Policy, effect: Effect): Ruling {
  switch (effect.does) {
    case 'nothing':
      return ruling;
    case 'step_up':
      return { ...ruling, stepUp: bothStepUps(ruling.stepUp, effect, policy) };
    case 'consent':
      return { consentFor: policy, ...ruling };
    case 'shorten':
    case 'lengthen': {
      const before = ruling[effect.does]?.seconds;
      const isStronger =
        before === undefined ||
        (effect.does === 'shorten' ? effect.seconds < before : effect.seconds > before);
      return isStronger
        ? { ...ruling, [effect.does]: { seconds: effect.seconds, policyId: policy.id } }
        : ruling;
    }
    default:
      return { blockedBy: { policy, why: effect.why }, ...ruling };
  }
}

function bothStepUps(before: StepUps | undefined, { acr, maxAgeSeconds }: StepUp, policy: Policy): StepUps {
  const ages = [before?.maxAgeSeconds, maxAgeSeconds].filter((age) => age !== undefined);
  const acrs = new Set([...(before?.acrs ?? []), ...(acr === undefined ? [] : [acr])]);
  return {
    acrs: [...acrs],
    policy: before?.policy ?? policy,
    ...(ages.length === 0 ? {} : { maxAgeSeconds: Math.min(...ages) }),
  };
}
