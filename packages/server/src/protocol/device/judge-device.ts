/**
 * Judges a device that waits to be let in by the access policies, for whoever is at the page: what they demand of a
 * sign-in is met first, as where an app asks. @spec RFC 9470 §5, RFC 8628 §3.3
 */
import type { StepUps } from '../../access/policies/judge.ts';
import type { Session } from '../../domain/session.ts';
import { ACR_VALUES, lacksSecondFactor } from '../acr.ts';
import type { JudgeAuthorizationDependencies } from '../policies/judge-authorization.ts';
import { apiFacts, personFacts } from '../policies/facts-of.ts';
import type { RequestContext } from '../request-context.ts';
import type { AskingDevice } from './decide.ts';

export type DeviceStep =
  | { readonly step: 'go_on' }
  /** Anew, or by something else. */
  | { readonly step: 'sign_in' }
  /** Somebody is signed in, by less than a policy asks for. */
  | { readonly step: 'second_step' }
  | { readonly step: 'refuse'; readonly description: string };

/** How the token will be bound is known when the device fetches it. */
const LATER = 'binding';

export async function judgeDevice(
  { device, client }: AskingDevice,
  session: Session,
  context: RequestContext,
  dependencies: JudgeAuthorizationDependencies,
): Promise<DeviceStep> {
  const { policyJudge } = dependencies;
  if (!(await policyJudge.hasPolicies())) return { step: 'go_on' };
  const { blockedBy, stepUp } = await policyJudge.judge(
    {
      client,
      ...(await apiFacts(device.resourceId, undefined, dependencies)),
      scopes: device.scopes,
      // Each device is asked about: whoever allows it now has consented after any policy.
      person: personFacts(session, context.at),
      address: context.address,
      binding: 'none',
      at: context.at,
    },
    { context, without: LATER },
  );
  if (blockedBy !== undefined) return { step: 'refuse', description: 'An access policy does not allow this' };
  return stepUp === undefined ? { step: 'go_on' } : stepOf(stepUp, session, context.at);
}

function stepOf({ acrs, maxAgeSeconds }: StepUps, { amr, authTime }: Session, at: number): DeviceStep {
  if (acrs.some((acr) => !ACR_VALUES.includes(acr))) {
    return { step: 'refuse', description: 'No sign-in here meets the required acr' };
  }
  if (maxAgeSeconds !== undefined && at - authTime >= maxAgeSeconds * 1000) return { step: 'sign_in' };
  const isWeak = acrs.some((acr) => lacksSecondFactor(amr, { values: [acr], essential: true }));
  return { step: isWeak ? 'second_step' : 'sign_in' };
}
