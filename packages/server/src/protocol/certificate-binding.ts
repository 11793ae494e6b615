/**
 * Tokens bound to the certificate of the connection on which they were asked for.
 * @spec RFC 8705 §3, §3.4 and §4
 */
import type { Client } from '../domain/client.ts';
import type { Confirmation } from '../domain/confirmation.ts';
import { OAuthError } from './oauth-error.ts';
import type { RequestContext } from './request-context.ts';

/**
 * What the client's tokens are bound to; undefined for a client whose tokens are not bound to certificates.
 * @throws OAuthError `invalid_request` when the client needs a certificate and the connection has none
 */
export function certificateConfirmation(
  { metadata, tokenEndpointAuthMethod: method }: Client,
  { certificate }: RequestContext,
): Confirmation | undefined {
  const isBound =
    metadata.tls_client_certificate_bound_access_tokens === true ||
    method === 'tls_client_auth' ||
    method === 'self_signed_tls_client_auth';
  if (!isBound) return undefined;
  if (certificate === undefined) {
    throw new OAuthError(
      'invalid_request',
      'The tokens of this client are bound to its certificate, and the connection has none',
    );
  }
  return { 'x5t#S256': certificate.thumbprint };
}

/** A token is bound to one thing. @throws OAuthError `invalid_request` for a client whose tokens are bound to certificates */
export function refuseProofOfCertificateClient({ metadata }: Client): void {
  if (metadata.tls_client_certificate_bound_access_tokens !== true) return;
  throw new OAuthError(
    'invalid_request',
    'The tokens of this client are bound to its certificate; leave the DPoP header out',
  );
}
