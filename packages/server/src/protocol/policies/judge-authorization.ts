/**
 * Judges an authorization request by the access policies, for whoever is signed in: what they demand of sign-in and
 * consent becomes part of the request, so that pages and rules treat it like what the app asked for.
 * @spec RFC 9470 §5, OpenID Connect Core §3.1.2.1
 */
import type { StepUps } from '../../access/policies/judge.ts';
import type { Client } from '../../domain/client.ts';
import type { Session } from '../../domain/session.ts';
import { classesMet } from '../acr.ts';
import type { AuthorizationRequest } from '../authorization/authorization-request.ts';
import type { RequestContext } from '../request-context.ts';
import { grantedResourceIds } from '../resource-indicators.ts';
import { apiFacts, type FactSources, personFacts } from './facts-of.ts';
import type { PolicyJudge } from './judge-tokens.ts';

export interface JudgeAuthorizationDependencies extends Pick<FactSources, 'issuer' | 'resources'> {
  readonly policyJudge: Pick<PolicyJudge, 'judge' | 'hasPolicies'>;
}

/** How the token will be bound is known when it is asked for, and not before. */
const LATER = 'binding';

/** @returns the request with what is demanded; undefined where a policy refuses it */
export async function judgedRequest(
  request: AuthorizationRequest,
  client: Client,
  session: Session,
  context: RequestContext,
  dependencies: JudgeAuthorizationDependencies,
): Promise<AuthorizationRequest | undefined> {
  const { policyJudge } = dependencies;
  if (!(await policyJudge.hasPolicies())) return request;
  // What was demanded before may not be any more.
  const { demandedAcr: _acr, demandsConsent: _consent, ...asked } = request;
  const rulings = await Promise.all(
    grantedResourceIds(request).map(async (resourceId, index) =>
      policyJudge.judge(
        {
          client,
          ...(await apiFacts(resourceId, undefined, dependencies)),
          scopes: request.resourceScopes?.[index] ?? request.scopes,
          person: personFacts(session),
          address: context.address,
          binding: 'none',
          at: context.at,
        },
        { context, without: LATER },
      ),
    ),
  );
  if (rulings.some(({ blockedBy }) => blockedBy !== undefined)) return undefined;
  const stepUps = rulings.flatMap(({ stepUp }) => stepUp ?? []);
  return {
    ...asked,
    ...demands(asked, stepUps, session),
    ...(rulings.some(({ consentFor }) => consentFor !== undefined) && { demandsConsent: true }),
  };
}

function demands(
  { maxAge }: Pick<AuthorizationRequest, 'maxAge'>,
  stepUps: readonly StepUps[],
  { amr }: Session,
): Pick<AuthorizationRequest, 'demandedAcr' | 'maxAge'> {
  const met = classesMet(amr);
  const acrs = stepUps.flatMap((each) => each.acrs);
  const acr = acrs.find((each) => !met.includes(each)) ?? acrs[0];
  const ages = [maxAge, ...stepUps.map((each) => each.maxAgeSeconds)].filter((age) => age !== undefined);
  return {
    ...(acr === undefined ? {} : { demandedAcr: acr }),
    ...(ages.length === 0 ? {} : { maxAge: Math.min(...ages) }),
  };
}
