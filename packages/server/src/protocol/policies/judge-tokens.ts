/**
 * Judges what asks for tokens by the access policies that there are. Where there are none it costs nothing: they are in
 * memory, and nothing is awaited.
 * @spec RFC 9470 §3, RFC 6749 §5.2
 */
import type { PolicyFacts } from '../../access/policies/facts.ts';
import { findingOf, isInReach, type Limit, type Ruling, rulingOf } from '../../access/policies/judge.ts';
import { type PreparedPolicy, preparePolicy } from '../../access/policies/prepare.ts';
import type { Client } from '../../domain/client.ts';
import type { Confirmation } from '../../domain/confirmation.ts';
import type { Grant } from '../../domain/grant.ts';
import type { Consents } from '../../ports/consents.ts';
import type { Policies, PolicySnapshot } from '../../ports/policies.ts';
import { OAuthError } from '../oauth-error.ts';
import type { RequestContext } from '../request-context.ts';
import { type Target, targetResourceId } from '../resource-indicators.ts';
import { apiFacts, bindingOf, type FactSources, haveNeeds, personFacts, withNeeds } from './facts-of.ts';
import type { PolicyReports } from './report-findings.ts';

export interface PolicyJudgeDependencies extends FactSources {
  readonly policies: Pick<Policies, 'snapshot'>;
  readonly consents: Pick<Consents, 'find'>;
  readonly reports: PolicyReports;
}

/** A token that is about to be issued. */
export interface TokenQuestion {
  readonly client: Client;
  readonly grant: Grant | undefined;
  readonly target: Target;
  readonly scopes: readonly string[];
  readonly confirmation?: Confirmation | undefined;
  readonly context: RequestContext;
}

/** What a token that may be issued has to keep to. */
export interface TokenRuling {
  /** For the token to carry. */
  readonly epoch: number;
  readonly shorten?: Limit;
  readonly lengthen?: Limit;
}

export interface PolicyJudge {
  /** @returns undefined where there is nothing to keep to @throws OAuthError where a policy refuses */
  readonly token: (question: TokenQuestion) => TokenRuling | undefined | Promise<TokenRuling | undefined>;
  /**
   * Asked after the tokens of a request are written, and before they are handed out: what becomes known of a person ends
   * the tokens that there are, and those of this request may not have been there yet.
   * @throws OAuthError where they would not be issued any more
   */
  readonly judgeWritten: (context: RequestContext) => Promise<void>;
  /**
   * What the policies that are enforced say of anything else; the others are reported.
   * @param organizationId that of the token, where it has one of its own
   * @param grant under which it is asked for, where there is one
   * @param without conditions that cannot be judged yet: policies that have them wait
   */
  readonly judge: (
    facts: PolicyFacts,
    about: {
      readonly context: RequestContext;
      readonly organizationId?: string;
      readonly without?: string;
      readonly grant?: Grant | undefined;
    },
  ) => Promise<Ruling>;
  /** Whether there is any policy. */
  readonly hasPolicies: () => boolean | Promise<boolean>;
  /** By what answers about tokens are judged now; undefined: there is nothing. */
  readonly epoch: () => number | undefined | Promise<number | undefined>;
}

const prepared = new WeakMap<PolicySnapshot, readonly PreparedPolicy[]>();

/** The policies of a snapshot, read once. */
export function preparedPolicies(snapshot: PolicySnapshot): readonly PreparedPolicy[] {
  const known = prepared.get(snapshot);
  if (known !== undefined) return known;
  const ready = snapshot.policies.map(preparePolicy);
  prepared.set(snapshot, ready);
  return ready;
}

export function createPolicyJudge(dependencies: PolicyJudgeDependencies): PolicyJudge {
  const { policies } = dependencies;
  const again: JudgedAgain = new WeakMap();
  const now = <Result>(use: (snapshot: PolicySnapshot) => Result): Result | Promise<Awaited<Result>> => {
    const snapshot = policies.snapshot();
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a promise is flattened by then
    return snapshot instanceof Promise ? (snapshot.then(use) as Promise<Awaited<Result>>) : use(snapshot);
  };
  return {
    token: (question) => now((snapshot) => judgeToken(question, snapshot, dependencies, again)),
    judgeWritten: async (context) => again.get(context)?.(),
    judge: async (facts, about) => judgeFacts(facts, about, await policies.snapshot(), dependencies),
    hasPolicies: () => now((snapshot) => snapshot.policies.length > 0),
    epoch: () => now(epochOf),
  };
}

/** What was looked up for the token of a request, and is to be looked at again. */
type JudgedAgain = WeakMap<RequestContext, () => Promise<void>>;

function epochOf({ policies, changes, epoch }: PolicySnapshot): number | undefined {
  return policies.length === 0 && changes.length === 0 ? undefined : epoch;
}

function judgeToken(
  question: TokenQuestion,
  snapshot: PolicySnapshot,
  dependencies: PolicyJudgeDependencies,
  again: JudgedAgain,
): TokenRuling | undefined | Promise<TokenRuling> {
  if (snapshot.policies.length > 0) return judgeTokenBy(question, snapshot, dependencies, again);
  const epoch = epochOf(snapshot);
  return epoch === undefined ? undefined : { epoch };
}

async function judgeTokenBy(
  { client, grant, target, scopes, confirmation, context }: TokenQuestion,
  snapshot: PolicySnapshot,
  dependencies: PolicyJudgeDependencies,
  again: JudgedAgain,
): Promise<TokenRuling> {
  const resource = target.kind === 'resource' ? target.resource : undefined;
  const facts: PolicyFacts = {
    client,
    ...(await apiFacts(targetResourceId(target), resource, dependencies)),
    scopes,
    ...(grant === undefined ? {} : { person: personFacts(grant) }),
    address: context.address,
    binding: bindingOf(confirmation),
    at: context.at,
  };
  const judge = (): Promise<Ruling> => judgeFacts(facts, { context, grant }, snapshot, dependencies);
  const ruling = await judge();
  refuse(ruling);
  const { shorten, lengthen } = ruling;
  if (grant !== undefined && haveNeeds(preparedPolicies(snapshot))) {
    again.set(context, async () => {
      const after = await judge();
      refuse(after);
      if (after.shorten?.seconds === shorten?.seconds && after.lengthen?.seconds === lengthen?.seconds)
        return;
      throw new OAuthError('access_denied', 'An access policy decides otherwise by now; try again', {
        status: 400,
        detail: 'what is known of the person changed while this was under way',
      });
    });
  }
  return {
    epoch: snapshot.epoch,
    ...(shorten === undefined ? {} : { shorten }),
    ...(lengthen === undefined ? {} : { lengthen }),
  };
}

async function judgeFacts(
  facts: PolicyFacts,
  about: Parameters<PolicyJudge['judge']>[1],
  snapshot: PolicySnapshot,
  dependencies: PolicyJudgeDependencies,
): Promise<Ruling> {
  const { context, organizationId, without, grant } = about;
  const concerned = preparedPolicies(snapshot).filter(
    ({ policy, conditions }) =>
      isInReach(policy, facts, organizationId) && !conditions.some(({ name }) => name === without),
  );
  if (concerned.length === 0) return {};
  const known = await withNeeds(
    facts,
    concerned,
    dependencies,
    grant === undefined ? undefined : { grant, consents: dependencies.consents },
  );
  const findings = concerned.map((each) => findingOf(each, known));
  const ruling = rulingOf(findings.filter(({ policy }) => policy.mode !== 'report_only'));
  await dependencies.reports.report(findings, known, context);
  return ruling;
}

/** @throws OAuthError */
export function refuse({ blockedBy, stepUp, consentFor }: Ruling): void {
  if (blockedBy !== undefined) {
    throw new OAuthError('access_denied', 'An access policy does not allow this', {
      status: 400,
      detail: `policy ${blockedBy.policy.id}: ${blockedBy.why}`,
    });
  }
  if (stepUp !== undefined) {
    const { acrs, maxAgeSeconds, policy } = stepUp;
    throw new OAuthError(
      'insufficient_user_authentication',
      'An access policy asks for a better sign-in; send the person to the authorization endpoint again',
      {
        detail: `policy ${policy.id}`,
        stepUp: {
          ...(acrs.length === 0 ? {} : { acrValues: acrs }),
          ...(maxAgeSeconds === undefined ? {} : { maxAgeSeconds }),
        },
      },
    );
  }
  if (consentFor !== undefined) {
    throw new OAuthError('consent_required', 'An access policy asks that the person agrees anew', {
      detail: `policy ${consentFor.id}`,
    });
  }
}
