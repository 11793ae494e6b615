import type { FastifyReply, FastifyRequest } from 'fastify';
import type { FactorEnrolment } from '../../people/factor-enrolment.ts';
import type { FactorPorts } from '../../people/factor-ports.ts';
import { CHALLENGE_LIFETIME_MS, newChallenge, type RequestOptions } from '../../people/passkey-options.ts';
import type { PasskeyChallenge } from '../../people/prove-passkey.ts';
import type { RelyingParty } from '../../people/relying-party.ts';
import type { SealedSteps } from '../../people/sealed-steps.ts';
import type { AskedPasskey } from '../passkey-form.ts';
import type { FlowDependencies } from './authorization-flow.ts';

/** What the pages of second factors need. */
export interface FactorDependencies {
  readonly flow: FlowDependencies;
  /** What the sign-in page leads to besides. */
  readonly doors: { readonly signUp: boolean; readonly recovery: boolean };
  readonly factors: FactorPorts;
  readonly challenges: SealedSteps<PasskeyChallenge>;
  readonly enrolments: SealedSteps<FactorEnrolment>;
}

/** What a page asks the browser for, bound to this browser and, where there is one, to a step. */
export function askForPasskey(
  options: (challenge: string, relyingParty: RelyingParty) => RequestOptions,
  step: string,
  request: FastifyRequest,
  reply: FastifyReply,
  { flow, factors, challenges }: FactorDependencies,
): AskedPasskey | undefined {
  const { relyingParty, random } = factors;
  if (relyingParty === undefined) return undefined;
  const challenge = newChallenge(random);
  const expiresAt = flow.clock() + CHALLENGE_LIFETIME_MS;
  const boundTo = `${flow.browser.ensureId(request, reply)} ${step}`;
  return {
    options: options(challenge, relyingParty),
    sealed: challenges.seal({ challenge, expiresAt }, boundTo),
  };
}

/** The challenge that such a page sent along with the answer. */
export function openAsked(
  sealed: string | undefined,
  step: string,
  request: FastifyRequest,
  { flow, challenges }: FactorDependencies,
): PasskeyChallenge | undefined {
  const browser = flow.browser.id(request);
  return browser === undefined ? undefined : challenges.open(sealed, `${browser} ${step}`, flow.clock());
}
