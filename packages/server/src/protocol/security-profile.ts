/**
 * A security profile: one name that turns all the rules of a standard on, for one client or for all of the server.
 * Where a rule is a setting of clients, a client under a profile simply has it; the few others ask here.
 * @spec FAPI 2.0 Security Profile §5.3.2, FAPI 2.0 Message Signing §5
 */
import type { Client } from '../domain/client.ts';
import type { ProtocolMetadata } from '../domain/protocol-metadata.ts';
import type { Clients } from '../ports/clients.ts';

/** Each includes those before it. */
export const SECURITY_PROFILES = ['fapi2', 'fapi2_message_signing'] as const;

export type SecurityProfile = (typeof SECURITY_PROFILES)[number];

export function isSecurityProfile(value: string | undefined): value is SecurityProfile {
  return (SECURITY_PROFILES as readonly (string | undefined)[]).includes(value);
}

/** FAPI 2.0 Security Profile; also the base of message signing. */
export function isHeldToFapi2({ metadata }: Pick<Client, 'metadata'>): boolean {
  return isSecurityProfile(metadata.security_profile);
}

/** FAPI 2.0 Message Signing: signed requests (§5.3), signed answers (§5.4). */
export function signsMessages({ metadata }: Client): boolean {
  return metadata.security_profile === 'fapi2_message_signing';
}

/** A profile knows neither RS256 nor anything weaker (Security Profile §5.4.1). */
export const PROFILE_SIGNING_ALGS: readonly string[] = ['ES256', 'PS256', 'EdDSA'];

/** Clients that prove themselves by a key of their own (Security Profile §5.3.2.1). */
export const PROFILE_AUTH_METHODS: readonly string[] = [
  'private_key_jwt',
  'tls_client_auth',
  'self_signed_tls_client_auth',
];

/**
 * Clients as the protocol sees them: with everything that their profile, or the server's, asks for.
 * @param serverProfile holds every client, whatever it registered; only the stricter of the two counts
 */
export function withProfiles<Finder extends Pick<Clients, 'find'>>(
  clients: Finder,
  serverProfile: SecurityProfile | undefined,
): Finder {
  // The store gives the same object for as long as the client is the same.
  const held = new WeakMap<Client, Client>();
  const find = async (id: string): Promise<Client | undefined> => {
    const client = await clients.find(id);
    if (client === undefined) return undefined;
    const own = client.metadata.security_profile;
    const profile = stricterOf(isSecurityProfile(own) ? own : undefined, serverProfile);
    // Tessera's own programs have no key to prove; they are no part of anybody's ecosystem.
    if (profile === undefined || client.registeredBy === 'built-in') return client;
    let strict = held.get(client);
    if (strict === undefined) {
      strict = holdTo(profile, client);
      held.set(client, strict);
    }
    return strict;
  };
  return { ...clients, find };
}

function stricterOf(
  one: SecurityProfile | undefined,
  other: SecurityProfile | undefined,
): SecurityProfile | undefined {
  return SECURITY_PROFILES.findLast((profile) => profile === one || profile === other);
}

function holdTo(profile: SecurityProfile, client: Client): Client {
  const { metadata } = client;
  const signed: ProtocolMetadata =
    profile === 'fapi2_message_signing' ? { require_signed_request_object: true } : {};
  return {
    ...client,
    requirePkce: true,
    metadata: {
      ...metadata,
      ...signed,
      security_profile: profile,
      require_pushed_authorization_requests: true,
      id_token_signed_response_alg: strong(metadata.id_token_signed_response_alg),
      authorization_signed_response_alg: strong(metadata.authorization_signed_response_alg),
      introspection_signed_response_alg: strong(metadata.introspection_signed_response_alg),
      ...(metadata.userinfo_signed_response_alg === undefined
        ? {}
        : { userinfo_signed_response_alg: strong(metadata.userinfo_signed_response_alg) }),
    },
  };
}

/** The algorithm that was registered, where the profile allows it. */
function strong(registered: string | undefined): string {
  return registered !== undefined && PROFILE_SIGNING_ALGS.includes(registered) ? registered : 'ES256';
}
