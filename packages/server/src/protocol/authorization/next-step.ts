/**
 * What an authorization request still needs: a sign-in, a consent, or nothing.
 * @spec OpenID Connect Core §3.1.2.3 and §3.1.2.4, RFC 8252 §8.6
 */
import { type Client, isSelfRegistered } from '../../domain/client.ts';
import type { Consent } from '../../domain/consent.ts';
import type { Session } from '../../domain/session.ts';
import type { OAuthErrorCode } from '../oauth-error.ts';
import { ACR_VALUES, lacksSecondFactor, meetsAcr, wantedAcr } from '../acr.ts';
import { type AuthorizationRequest, scopesAgreedTo } from './authorization-request.ts';

export type NextStep =
  | { readonly step: 'sign_in' }
  /** Somebody is signed in, by less than the app asks for. */
  | { readonly step: 'second_step' }
  | { readonly step: 'consent' }
  | { readonly step: 'issue' }
  | { readonly step: 'refuse'; readonly error: OAuthErrorCode; readonly description: string };

export interface NextStepFacts {
  readonly request: AuthorizationRequest;
  readonly client: Client;
  /** Live, or undefined. */
  readonly session: Session | undefined;
  /** What is remembered for each API of the request. */
  readonly consents: readonly (Consent | undefined)[];
  /** The person an `id_token_hint` names; `unknown` when the hint is not one of our ID tokens. */
  readonly hintedUserId: string | undefined;
  /** Whether the person wants to hear nothing more of this app. */
  readonly blocked: boolean;
  /** How the client knows whoever is signed in. */
  readonly subject: string | undefined;
  /** A sign-in counts for so long; absent: as long as its session lives. */
  readonly signInFrequencySeconds?: number | undefined;
  /** Milliseconds. */
  readonly now: number;
}

export function nextStep(facts: NextStepFacts): NextStep {
  const { request, session } = facts;
  const silent = request.prompt.includes('none');
  const acr = wantedAcr(request);
  if (acr?.essential === true && !acr.values.some((value) => ACR_VALUES.includes(value))) {
    return refuse('unmet_authentication_requirements', 'No sign-in here meets the required acr');
  }
  if (session === undefined || mustSignInAgain(facts, session)) {
    return silent ? refuse('login_required', 'The person has to sign in') : { step: 'sign_in' };
  }
  const isWeak = acr !== undefined && lacksSecondFactor(session.amr, acr);
  if (isWeak && (request.secondFactorDeclined !== true || request.demandedAcr !== undefined)) {
    return silent ? refuse('login_required', 'The person has to prove more') : { step: 'second_step' };
  }
  if (acr?.essential === true && !meetsAcr(session.amr, acr)) {
    return refuse('unmet_authentication_requirements', 'The sign-in does not meet the required acr');
  }
  if (facts.blocked) return refuse('access_denied', 'The person has blocked this app');
  const owner = facts.client.agent?.ownerId;
  if (owner !== undefined && owner !== session.userId) {
    return refuse('access_denied', 'This agent acts for its owner alone');
  }
  if (!needsConsent(facts)) return { step: 'issue' };
  return silent ? refuse('consent_required', 'The person has to consent') : { step: 'consent' };
}

function refuse(error: OAuthErrorCode, description: string): NextStep {
  return { step: 'refuse', error, description };
}

/** A sign-in made since the request arrived satisfies every wish for a fresh one. */
function mustSignInAgain(facts: NextStepFacts, session: Session): boolean {
  const { request, hintedUserId, subject, now } = facts;
  if (hintedUserId !== undefined && hintedUserId !== session.userId) return true;
  const wanted = request.claims?.id_token?.['sub']?.value;
  if (wanted !== undefined && wanted !== subject) return true;
  if (session.authTime >= request.startedAt) return false;
  if (request.prompt.includes('login') || request.prompt.includes('select_account')) return true;
  const acr = wantedAcr(request);
  if (acr !== undefined && !meetsAcr(session.amr, acr) && !lacksSecondFactor(session.amr, acr)) return true;
  const limits = [request.maxAge, facts.signInFrequencySeconds];
  return limits.some((seconds) => seconds !== undefined && now - session.authTime >= seconds * 1000);
}

/**
 * A remembered consent counts only for a web client: a program on a person's machine cannot prove that it is the one
 * that was consented to (RFC 8252 §8.6). Nor does it for an app that nobody here has looked at.
 */
function needsConsent({ request, client, consents }: NextStepFacts): boolean {
  if (request.prompt.includes('consent') || request.demandsConsent === true) return true;
  if (client.applicationType === 'native') return true;
  // Nor for a program that goes about by itself.
  if (isSelfRegistered(client) || client.agent !== undefined) return true;
  // A detail is a single thing: to have allowed it once says nothing about the next time.
  if (request.authorizationDetails !== undefined) return true;
  if (client.firstParty) return false;
  return scopesAgreedTo(request).some((scopes, index) =>
    scopes.some((scope) => consents[index]?.scopes.includes(scope) !== true),
  );
}
