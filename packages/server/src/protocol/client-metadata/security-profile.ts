/**
 * The profile that a client is held to; what it registers besides must not contradict it.
 * @spec FAPI 2.0 Security Profile §5.3.2, §5.4.1; FAPI 2.0 Message Signing §5
 */
import { Type } from '../../schema/type.ts';
import type { ProtocolMetadata } from '../../domain/protocol-metadata.ts';
import {
  isSecurityProfile,
  PROFILE_AUTH_METHODS,
  PROFILE_SIGNING_ALGS,
  SECURITY_PROFILES,
} from '../security-profile.ts';
import type { MetadataRule } from './metadata-rule.ts';
import { refuse } from './refusal.ts';

const ALGORITHMS: readonly (keyof ProtocolMetadata)[] = [
  'token_endpoint_auth_signing_alg',
  'request_object_signing_alg',
  'authorization_signed_response_alg',
  'id_token_signed_response_alg',
  'userinfo_signed_response_alg',
  'introspection_signed_response_alg',
];

export const securityProfile: MetadataRule = {
  members: {
    security_profile: Type.String({
      maxLength: 100,
      description: `Holds the client to every rule of a profile: ${SECURITY_PROFILES.join(' or ')}`,
    }),
  },
  refusals(metadata, { authMethod, requirePkce }) {
    const { security_profile: profile, jwks, jwks_uri: uri } = metadata;
    if (profile === undefined) return [];
    if (!isSecurityProfile(profile)) {
      return [refuse('/security_profile', `must be ${SECURITY_PROFILES.join(' or ')}`)];
    }
    const algorithms = ALGORITHMS.filter((member) => {
      const alg = metadata[member];
      return typeof alg === 'string' && !PROFILE_SIGNING_ALGS.includes(alg);
    });
    const hasKeys = jwks !== undefined || uri !== undefined;
    return [
      ...(PROFILE_AUTH_METHODS.includes(authMethod)
        ? []
        : [
            refuse(
              '/token_endpoint_auth_method',
              `${profile} needs one of ${PROFILE_AUTH_METHODS.join(', ')}`,
            ),
          ]),
      ...(requirePkce ? [] : [refuse('/require_pkce', `${profile} does not go without PKCE`)]),
      ...algorithms.map((member) => refuse(`/${member}`, `is not part of ${profile}`)),
      ...(profile === 'fapi2_message_signing' && !hasKeys
        ? [refuse('/jwks', `${profile} needs keys that sign requests, in jwks or by jwks_uri`)]
        : []),
    ];
  },
};
