/**
 * Authentication context classes: how well a person proved who they are, as one name.
 * @spec OpenID Connect Core §2 (`acr`), RFC 8176 §2, RFC 9470 §4
 */
import type { ClaimWish } from '../domain/claims-request.ts';
import type { AuthorizationRequest } from './authorization/authorization-request.ts';

/** Each class with the methods (RFC 8176) it asks for; the strongest that a sign-in meets is its class. */
const CLASSES: readonly { readonly acr: string; readonly amr: readonly string[] }[] = [
  { acr: 'urn:tessera:acr:pwd', amr: ['pwd'] },
];

export const ACR_VALUES: readonly string[] = CLASSES.map(({ acr }) => acr);

/** The class of a sign-in; undefined when its methods meet none. */
export function acrOf(amr: readonly string[]): string | undefined {
  return CLASSES.find((each) => each.amr.every((method) => amr.includes(method)))?.acr;
}

export interface WantedAcr {
  readonly values: readonly string[];
  /** Nothing else will do (Core §5.5.1.1); otherwise a wish. */
  readonly essential: boolean;
}

/** What a request wants: the `acr` claim of the ID token says it more strictly than `acr_values`. */
export function wantedAcr(
  request: Pick<AuthorizationRequest, 'acrValues' | 'claims'>,
): WantedAcr | undefined {
  const wish = request.claims?.id_token?.['acr'];
  const named = wish === undefined ? [] : valuesOf(wish);
  if (wish?.essential === true && named.length > 0) return { values: named, essential: true };
  const values = [...(request.acrValues ?? []), ...named].filter((value) => ACR_VALUES.includes(value));
  return values.length === 0 ? undefined : { values, essential: false };
}

function valuesOf({ value, values = [] }: ClaimWish): readonly string[] {
  return [value, ...values].filter((each) => typeof each === 'string');
}
