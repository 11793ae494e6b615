/**
 * The JWT bearer grant: an access token for a JWT of an issuer that the operator trusts. What kind of JWT it is, and
 * with it which rule applies, is decided by the issuer that signed it, never by the request.
 * @spec RFC 7523 §2.1, RFC 7521 §4.1
 */
import { JWT_BEARER_GRANT } from '../../domain/client.ts';
import { exchangeIdentity, type IdentityDependencies } from '../assertions/identity-assertion.ts';
import { verifyAssertion } from '../assertions/verify-assertion.ts';
import { clientOfWorkload, exchangeWorkload, type WorkloadDependencies } from '../assertions/workload.ts';
import { refuseAuthorizationDetails } from '../authorization-details.ts';
import { OAuthError } from '../oauth-error.ts';
import { isHeldToFapi2 } from '../security-profile.ts';
import type { GrantHandler } from './grant-handler.ts';

export type JwtBearerDependencies = WorkloadDependencies & IdentityDependencies;

/** No refresh token: the next assertion gets the next token (RFC 7521 §4.1). */
export function jwtBearerGrant(dependencies: JwtBearerDependencies): GrantHandler {
  return {
    type: JWT_BEARER_GRANT,
    async clientOf(form, { at }) {
      const verified = await verifyAssertion(form.require('assertion'), at, dependencies);
      const client =
        verified.trusted.kind === 'workload' ? await clientOfWorkload(verified, dependencies) : undefined;
      // FAPI 2.0 Security Profile §5.3.2.1: by a key of its own, and nothing else.
      if (client !== undefined && !isHeldToFapi2(client)) return client;
      throw new OAuthError('invalid_client', 'The client did not authenticate');
    },
    async exchange(form, client, context) {
      refuseAuthorizationDetails(form);
      const verified = await verifyAssertion(form.require('assertion'), context.at, dependencies);
      const exchange = verified.trusted.kind === 'workload' ? exchangeWorkload : exchangeIdentity;
      return exchange(verified, form, client, context, dependencies);
    },
  };
}
