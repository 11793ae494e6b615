/**
 * An authorization request that was found good: what it asks for, and where its answer goes.
 * @spec RFC 6749 §4.1.1, OpenID Connect Core §3.1.2.1
 */
import type { AuthorizationDetail } from '../../domain/authorization-detail.ts';
import type { ClaimsRequest } from '../../domain/claims-request.ts';
import type { Client } from '../../domain/client.ts';
import type { SigningAlg } from '../../domain/resource.ts';
import { matchRedirectUri } from '../redirect-uri.ts';
import type { ResponseMode } from './response-mode.ts';

/** A request that may go on to a person. Plain data: it is sealed and travels through the pages. */
export interface AuthorizationRequest {
  /** By which it is remembered once it is answered; absent: it may be answered again, as it can be sent again. */
  readonly id?: string;
  readonly clientId: string;
  readonly redirectUri: string;
  readonly scopes: readonly string[];
  readonly resourceId?: string;
  /** Every API named, where there are several; `resourceId` is the first. */
  readonly resourceIds?: readonly string[];
  /** The scopes of each of them, in the same order: what a person agrees to for one says nothing about another. */
  readonly resourceScopes?: readonly (readonly string[])[];
  readonly authorizationDetails?: readonly AuthorizationDetail[];
  readonly claims?: ClaimsRequest;
  /** The scopes that open the claims named in it; a person agrees to them as to scopes. */
  readonly claimScopes?: readonly string[];
  readonly state?: string;
  readonly nonce?: string;
  readonly codeChallenge?: string;
  /** The key that alone may redeem the code (RFC 9449 §10). */
  readonly dpopJkt?: string;
  readonly responseMode?: ResponseMode;
  readonly responseSigningAlg?: SigningAlg;
  readonly prompt: readonly Prompt[];
  /** Seconds (OpenID Connect Core §3.1.2.1). */
  readonly maxAge?: number;
  readonly acrValues?: readonly string[];
  /** The class that an access policy demands. */
  readonly demandedAcr?: string;
  /** An access policy wants the person to be asked. */
  readonly demandsConsent?: true;
  readonly loginHint?: string;
  /** Whom the app's `id_token_hint` names. */
  readonly hintedSubject?: string;
  /** The person does not want to set up the second factor that the app wishes for. */
  readonly secondFactorDeclined?: true;
  /** When the request arrived, in milliseconds. */
  readonly startedAt: number;
}

export type Prompt = 'none' | 'login' | 'consent' | 'select_account';

/** Where and how an answer, good or bad, may be sent. */
export interface RedirectTarget {
  readonly clientId: string;
  readonly redirectUri: string;
  readonly state?: string;
  readonly responseMode?: ResponseMode;
  readonly responseSigningAlg?: SigningAlg;
}

/** What a person agrees to at each API of a request, in the order of its APIs: scopes, and claims by the scopes that open them. */
export function scopesAgreedTo(request: AuthorizationRequest): readonly (readonly string[])[] {
  const { claimScopes = [], resourceScopes = [request.scopes] } = request;
  return resourceScopes.map((scopes) => [...new Set([...scopes, ...claimScopes])]);
}

/** The clocks of two nodes may differ so much: one registers the client, another begins the sign-in. */
const CLOCK_SKEW_MS = 5000;

/** Whether a request that was valid when it came still is one of this client: people take their time, operators act. */
export function isStillValid(request: AuthorizationRequest, client: Client): boolean {
  return (
    client.id === request.clientId &&
    client.status === 'active' &&
    client.createdAt <= request.startedAt + CLOCK_SKEW_MS &&
    client.grantTypes.includes('authorization_code') &&
    client.redirectUris.some((uri) => matchRedirectUri(uri, request.redirectUri)) &&
    (request.codeChallenge !== undefined || !client.requirePkce)
  );
}
