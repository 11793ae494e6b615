/**
 * How a client authenticates, where that is neither a secret nor nothing: its algorithm, its certificate's subject,
 * and whether its tokens are bound to a certificate.
 * @spec OpenID Connect Core §9 (`token_endpoint_auth_signing_alg`), RFC 8705 §2.1.2, §2.2.2 and §3.4
 */
import { isIP } from 'node:net';
import { Type } from '../../schema/type.ts';
import { ASSERTION_ALGS } from '../client-authentication/private-key-jwt.ts';
import { parseDistinguishedName } from '../distinguished-name.ts';
import type { ClientMetadata, Settled } from './client-metadata.ts';
import type { MetadataRule } from './metadata-rule.ts';
import { type MetadataRefusal, refuse } from './refusal.ts';

const subject = (what: string) =>
  Type.String({
    minLength: 1,
    maxLength: 1000,
    description: `${what} in the certificate, for tls_client_auth`,
  });

/** Exactly one names the certificate; each with the reason why a value could never match. */
const SUBJECTS = {
  tls_client_auth_subject_dn: (value: string) =>
    parseDistinguishedName(value) === undefined
      ? 'is not a distinguished name such as CN=billing,O=Example,C=SE (RFC 4514)'
      : undefined,
  tls_client_auth_san_dns: (value: string) =>
    /^(?:[a-z0-9_](?:[a-z0-9_-]{0,62})\.)*[a-z0-9_][a-z0-9_-]{0,62}$/i.test(value)
      ? undefined
      : 'is not a DNS name',
  tls_client_auth_san_uri: (value: string) => (URL.canParse(value) ? undefined : 'is not a URI'),
  tls_client_auth_san_ip: (value: string) => (isIP(value) === 0 ? 'is not an IP address' : undefined),
  tls_client_auth_san_email: (value: string) =>
    /^[^\s@]+@[^\s@]+$/.test(value) ? undefined : 'is not an email address',
} as const;

const SUBJECT_NAMES = Object.keys(SUBJECTS) as readonly (keyof typeof SUBJECTS)[];

export const clientAuthentication: MetadataRule = {
  members: {
    token_endpoint_auth_signing_alg: Type.String({
      maxLength: 100,
      description: `The one algorithm of its assertions, for private_key_jwt: ${ASSERTION_ALGS.join(', ')}; absent: any of them`,
    }),
    tls_client_auth_subject_dn: subject('The subject, as RFC 4514 writes it,'),
    tls_client_auth_san_dns: subject('The dNSName'),
    tls_client_auth_san_uri: subject('The uniformResourceIdentifier'),
    tls_client_auth_san_ip: subject('The iPAddress'),
    tls_client_auth_san_email: subject('The rfc822Name'),
    tls_client_certificate_bound_access_tokens: Type.Boolean({
      description:
        'true: its tokens are good only on connections with its certificate, and it gets no others',
    }),
  },
  refusals: (metadata, settled) => [
    ...keyRefusals(metadata, settled),
    ...algRefusals(metadata),
    ...subjectRefusals(metadata, settled),
    ...bindingRefusals(metadata),
  ],
};

function keyRefusals({ jwks, jwks_uri: uri }: ClientMetadata, { authMethod }: Settled): MetadataRefusal[] {
  if (authMethod !== 'private_key_jwt' && authMethod !== 'self_signed_tls_client_auth') return [];
  if (uri !== undefined || (jwks !== undefined && jwks.keys.length > 0)) return [];
  return [refuse('/jwks', `${authMethod} needs the client's public keys, in jwks or by jwks_uri`)];
}

function algRefusals(metadata: ClientMetadata): MetadataRefusal[] {
  const { token_endpoint_auth_signing_alg: alg } = metadata;
  if (alg === undefined) return [];
  const pointer = '/token_endpoint_auth_signing_alg';
  return ASSERTION_ALGS.includes(alg)
    ? []
    : [refuse(pointer, `unknown algorithm; known: ${ASSERTION_ALGS.join(', ')}`)];
}

/** A token is bound to one thing. */
function bindingRefusals(metadata: ClientMetadata): MetadataRefusal[] {
  const { tls_client_certificate_bound_access_tokens: byCertificate, dpop_bound_access_tokens: byKey } =
    metadata;
  return byCertificate === true && byKey === true
    ? [refuse('/tls_client_certificate_bound_access_tokens', 'does not go with dpop_bound_access_tokens')]
    : [];
}

function subjectRefusals(metadata: ClientMetadata, { authMethod }: Settled): MetadataRefusal[] {
  const given = SUBJECT_NAMES.filter((name) => metadata[name] !== undefined);
  if (authMethod !== 'tls_client_auth') {
    return given.map((name) =>
      refuse(`/${name}`, 'goes with token_endpoint_auth_method tls_client_auth only'),
    );
  }
  if (given.length !== 1) {
    return [
      refuse(
        '/token_endpoint_auth_method',
        `tls_client_auth needs exactly one of ${SUBJECT_NAMES.join(', ')}`,
      ),
    ];
  }
  return given.flatMap((name) => {
    const reason = SUBJECTS[name](metadata[name] ?? '');
    return reason === undefined ? [] : [refuse(`/${name}`, reason)];
  });
}
