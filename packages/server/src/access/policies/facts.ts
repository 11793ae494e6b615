/** What is known of a request for a token, or of a token, by those who judge it. */
import type { RiskLevel } from '../../domain/policy.ts';
import type { Membership } from '../../domain/membership.ts';
import type { Resource } from '../../domain/resource.ts';

export interface PolicyFacts {
  /** Absent: no app asked for it (a personal access token). */
  readonly client?: { readonly id: string; readonly organizationId: string };
  /** Identifiers of what the token is good for: an API, the issuer, or both. */
  readonly audience: readonly string[];
  /** The APIs among them. */
  readonly apis: readonly Pick<Resource, 'id' | 'organizationId' | 'identifier' | 'builtIn'>[];
  readonly scopes: readonly string[];
  /** Absent: an app asks for itself. */
  readonly person?: PersonFacts;
  /** Where the request came from; absent: not known. */
  readonly address?: string;
  readonly binding: Binding;
  /** Milliseconds. */
  readonly at: number;
}

export interface PersonFacts {
  readonly userId: string;
  /** Classes of authentication that the sign-in meets. */
  readonly acrs: readonly string[];
  readonly amr: readonly string[];
  /** When the person proved who they are, in milliseconds. */
  readonly authTime: number;
  /** When they allowed it, in milliseconds; absent: they are about to be asked, or nobody is. */
  readonly allowedAt?: number;
  /** Present where a condition asks for them. */
  readonly memberships?: readonly Membership[];
  readonly risk?: RiskLevel | 'none';
}

/** How the token is bound to a key of whoever holds it. */
export type Binding = 'dpop' | 'mtls' | 'none';

export const BINDINGS: readonly Binding[] = ['dpop', 'mtls', 'none'];
