/**
 * What an app cannot loosen by an update of its registration. Nobody can tell any more whether the operator set it or
 * the app did; and whoever found the token of a registration must not be able to take the binding off its tokens.
 * @spec RFC 7592 §2.2 (the server may ignore any value of an update)
 */
import type { ProtocolMetadata } from '../../domain/protocol-metadata.ts';

/** A client with one of these is held to more than one without. */
const REQUIREMENTS = [
  'dpop_bound_access_tokens',
  'tls_client_certificate_bound_access_tokens',
  'require_pushed_authorization_requests',
  'require_signed_request_object',
  'require_auth_time',
] as const;

export type StayingSettings = Pick<
  ProtocolMetadata,
  (typeof REQUIREMENTS)[number] | 'security_profile' | 'access_token_lifetime' | 'subject_type'
>;

/** The metadata of a client that stay as they are, whatever its update says or leaves out. */
export function stayingSettings(before: ProtocolMetadata): StayingSettings {
  const { security_profile, access_token_lifetime, subject_type } = before;
  return {
    ...(security_profile === undefined ? {} : { security_profile }),
    ...(access_token_lifetime === undefined ? {} : { access_token_lifetime }),
    // Under another identifier a person would be somebody else, or the same one everywhere.
    ...(subject_type === 'pairwise' ? { subject_type } : {}),
    ...Object.fromEntries(REQUIREMENTS.filter((name) => before[name] === true).map((name) => [name, true])),
  };
}
