/**
 * What the tokens of a request are bound to: the one place that the token endpoint asks.
 * @spec RFC 9449 §5, §5.2, RFC 8705 §3, RFC 9700 §2.2.1
 */
import type { Client } from '../domain/client.ts';
import type { Confirmation } from '../domain/confirmation.ts';
import { certificateConfirmation, refuseProofOfCertificateClient } from './certificate-binding.ts';
import type { DpopBinding, ProvenKey } from './dpop-binding.ts';
import { OAuthError } from './oauth-error.ts';
import { isHeldToFapi2 } from './security-profile.ts';
import type { RequestContext } from './request-context.ts';
import type { Spending } from './spending.ts';

export interface SenderConstraint {
  readonly confirmation: Confirmation;
  /** Present where the proof is good for one request: to be spent before a token is handed out. */
  readonly spending?: Spending;
}

/**
 * @param context of a request whose client is authenticated
 * @returns undefined for bearer tokens
 * @throws OAuthError `invalid_dpop_proof`, `use_dpop_nonce`; `invalid_request` when the client has to prove a key
 */
export type SenderConstraints = (
  context: RequestContext,
  client: Client,
) => SenderConstraint | undefined | Promise<SenderConstraint>;

export function createSenderConstraints(dpop: DpopBinding): SenderConstraints {
  return (context, client) => {
    const { dpop: proof, at } = context;
    if (proof !== undefined) {
      refuseProofOfCertificateClient(client);
      return dpopConstraint(dpop.provenKey(proof, at, client));
    }
    const confirmation = certificateConfirmation(client, context);
    if (confirmation !== undefined) return { confirmation };
    if (client.metadata.dpop_bound_access_tokens === true || isHeldToFapi2(client)) {
      throw new OAuthError(
        'invalid_request',
        'Tokens of this client are bound to a key; the request needs a DPoP header',
      );
    }
    return undefined;
  };
}

async function dpopConstraint(proving: Promise<ProvenKey>): Promise<SenderConstraint> {
  const proven = await proving;
  return { confirmation: { jkt: proven.jkt }, spending: proven.spending };
}
