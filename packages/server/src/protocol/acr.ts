/**
 * Authentication context classes: how well a person proved who they are, as one name.
 * @spec OpenID Connect Core §2 (`acr`), RFC 8176 §2, RFC 9470 §4
 */
import type { ClaimWish } from '../domain/claims-request.ts';
import type { AuthorizationRequest } from './authorization/authorization-request.ts';

/** More than one factor: a password with a code or a passkey, or a passkey that made sure who uses it. */
const MULTI_FACTOR = 'urn:tessera:acr:mfa';

/** Each class with the methods (RFC 8176) it asks for, strongest first; whatever meets one meets those after it. */
const CLASSES: readonly { readonly acr: string; readonly amr: readonly string[] }[] = [
  { acr: MULTI_FACTOR, amr: ['mfa'] },
  { acr: 'urn:tessera:acr:pwd', amr: ['pwd'] },
];

export const ACR_VALUES: readonly string[] = CLASSES.map(({ acr }) => acr);

/** How somebody signed in, and the class that was agreed on with the app, where it is not the strongest. */
export interface SignInStrength {
  readonly amr: readonly string[];
  readonly acr?: string;
}

/** The class of a sign-in; undefined when its methods meet none. */
export function acrOf({ amr, acr }: SignInStrength): string | undefined {
  return acr ?? classesMet(amr)[0];
}

/** Whether a token says that its person has shown more than one factor. */
export function isMultiFactorAcr(acr: unknown): boolean {
  return acr === MULTI_FACTOR;
}

/** Every class that a sign-in meets, strongest first. */
export function classesMet(amr: readonly string[]): readonly string[] {
  const first = CLASSES.findIndex((each) => each.amr.every((method) => amr.includes(method)));
  return first === -1 ? [] : ACR_VALUES.slice(first);
}

export function meetsAcr(amr: readonly string[], { values }: WantedAcr): boolean {
  return classesMet(amr).some((acr) => values.includes(acr));
}

/** Whether a second factor is what a sign-in lacks for this. */
export function lacksSecondFactor(amr: readonly string[], wanted: WantedAcr): boolean {
  return !meetsAcr(amr, wanted) && wanted.values.includes(MULTI_FACTOR) && classesMet(amr).length > 0;
}

/**
 * The class to name in tokens, where it is not the strongest that was met: the app asked for others, and an API
 * compares what it gets with what it asked for (RFC 9470 §6).
 */
export function agreedAcr(amr: readonly string[], wanted: WantedAcr | undefined): string | undefined {
  const [strongest, ...weaker] = classesMet(amr);
  if (wanted === undefined || strongest === undefined || wanted.values.includes(strongest)) return undefined;
  return weaker.find((acr) => wanted.values.includes(acr));
}

export interface WantedAcr {
  readonly values: readonly string[];
  /** Nothing else will do (Core §5.5.1.1); otherwise a wish. */
  readonly essential: boolean;
}

/** What a request wants: the `acr` claim of the ID token says it more strictly than `acr_values`. */
export function wantedAcr(
  request: Pick<AuthorizationRequest, 'acrValues' | 'claims' | 'demandedAcr'>,
): WantedAcr | undefined {
  // What is demanded here comes before what the app wishes for.
  if (request.demandedAcr !== undefined) return { values: [request.demandedAcr], essential: true };
  const wish = request.claims?.id_token?.['acr'];
  const named = wish === undefined ? [] : valuesOf(wish);
  if (wish?.essential === true && named.length > 0) return { values: named, essential: true };
  const values = [...(request.acrValues ?? []), ...named].filter((value) => ACR_VALUES.includes(value));
  return values.length === 0 ? undefined : { values, essential: false };
}

function valuesOf({ value, values = [] }: ClaimWish): readonly string[] {
  return [value, ...values].filter((each) => typeof each === 'string');
}
