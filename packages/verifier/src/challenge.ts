/**
 * The WWW-Authenticate header: what was wrong, what is needed, and where to learn how to get it.
 * @spec RFC 6750 §3; RFC 9449 §7.1; RFC 9728 §5.1; RFC 9470 §3; RFC 9110 §11.6.1
 */
import { DPOP_SIGNING_ALGS } from '@tessera/tokens';
import type { TokenError } from './token-error.ts';

/** What proofs may be signed with. */
const ALGS = `algs="${DPOP_SIGNING_ALGS.join(' ')}"`;

export interface ChallengeOptions {
  /** Fixed text that names the protected space; never taken from a request. */
  readonly realm: string;
  /** Where this API's metadata are (RFC 9728 §3). */
  readonly resourceMetadataUrl?: string;
}

/** @returns the header's value; without an error code where the request carried no credentials */
export function challenge(error: TokenError, { realm, resourceMetadataUrl }: ChallengeOptions): string {
  const parameters = [`realm=${quote(realm)}`];
  if (error.error !== undefined) {
    parameters.push(`error="${error.error}"`, `error_description=${quote(error.description)}`);
  }
  const scopes = error.status === 400 ? undefined : error.scopes;
  if (scopes !== undefined && scopes.length > 0) parameters.push(`scope=${quote(scopes.join(' '))}`);
  const { acrValues, maxAgeSeconds } = error.signIn ?? {};
  if (acrValues !== undefined) parameters.push(`acr_values=${quote(acrValues.join(' '))}`);
  if (maxAgeSeconds !== undefined) parameters.push(`max_age=${maxAgeSeconds}`);
  if (resourceMetadataUrl !== undefined) parameters.push(`resource_metadata=${quote(resourceMetadataUrl)}`);
  if (error.scheme === 'DPoP') return `DPoP ${parameters.join(', ')}, ${ALGS}`;
  const bearer = `Bearer ${parameters.join(', ')}`;
  // Who holds a bound token is told how to present it.
  return error.code === 'bound' ? `${bearer}, DPoP ${ALGS}` : bearer;
}

/** Characters that the grammar does not allow in these values are replaced: a header must not be split by one. */
function quote(text: string): string {
  return `"${text.replace(/[^\x20-\x21\x23-\x5b\x5d-\x7e]/g, '?')}"`;
}
