/**
 * What a client that nobody here has looked at may be, whether it registers itself or publishes a document: an app
 * that acts for people who are asked each time.
 * @spec RFC 7591 §5, RFC 9700 §4.11
 */
import { type ClientMetadata, validateClientMetadata } from '../client-metadata/index.ts';
import type { MetadataRefusal, MetadataValidation } from '../client-metadata/index.ts';
import { refuse } from '../client-metadata/refusal.ts';

/**
 * Each of these needs a person, on a page that says how little is known of the app. Anything a client gets for itself
 * alone would be given to whoever asks, by a scope list of its own making.
 */
export const SELF_REGISTRABLE_GRANT_TYPES: readonly string[] = ['authorization_code', 'refresh_token'];

/** Ours, and the operator's to give: a registration that names them is read as if it did not. */
const OPERATOR_MEMBERS: readonly string[] = ['require_pkce', 'security_profile', 'access_token_lifetime'];

/** The members a client may decide itself. */
export function withoutOperatorMembers(
  metadata: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(metadata).filter(([name]) => !OPERATOR_MEMBERS.includes(name)));
}

/** The rules of every client, and that it needs a person. `application_type` follows the redirect URIs when absent. */
export function validateSelfRegistration(metadata: ClientMetadata): MetadataValidation {
  const completed = { ...metadata, application_type: metadata.application_type ?? applicationType(metadata) };
  const refusals = (metadata.grant_types ?? []).flatMap((type, index): MetadataRefusal[] =>
    SELF_REGISTRABLE_GRANT_TYPES.includes(type)
      ? []
      : [refuse(`/grant_types/${index}`, 'is not open to apps that register themselves')],
  );
  const validation = validateClientMetadata(completed);
  if ('accepted' in validation) return refusals.length === 0 ? validation : { refusals };
  const told = new Set(refusals.map(({ pointer }) => pointer));
  return { refusals: [...refusals, ...validation.refusals.filter(({ pointer }) => !told.has(pointer))] };
}

/** An app whose answers go to the person's own machine is native (RFC 8252 §7). */
function applicationType({ redirect_uris: uris = [] }: ClientMetadata): 'web' | 'native' {
  return uris.some((uri) => URL.canParse(uri) && new URL(uri).protocol !== 'https:') ? 'native' : 'web';
}
