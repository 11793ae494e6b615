// Every check, in the order of the report.
import type { Check } from '../harness/check.ts';
import { pkceChecks } from './pkce.ts';
import { authorizationRequestChecks } from './authorization-request.ts';
import { authorizationParameterChecks } from './authorization-parameters.ts';
import { authorizationResponseChecks } from './authorization-response.ts';
import { authorizationCodeChecks } from './authorization-code.ts';
import { tokenEndpointChecks } from './token-endpoint.ts';
import { clientAuthenticationChecks } from './client-authentication.ts';
import { refreshTokenChecks } from './refresh-token.ts';
import { resourceChecks } from './resources.ts';
import { idTokenChecks } from './id-token.ts';
import { userinfoChecks } from './userinfo.ts';
import { promptChecks } from './prompts.ts';
import { claimChecks } from './claims.ts';
import { discoveryChecks } from './discovery.ts';
import { introspectionAndRevocationChecks } from './introspection-revocation.ts';
import { pushedRequestChecks } from './pushed-requests.ts';
import { requestObjectChecks } from './request-objects.ts';
import { clientAssertionChecks } from './client-assertions.ts';
import { dpopChecks } from './dpop.ts';
import { dpopBindingChecks } from './dpop-binding.ts';
import { mutualTlsChecks } from './mutual-tls.ts';
import { securityProfileChecks } from './security-profile.ts';
import { deviceChecks } from './device.ts';
import { registrationChecks } from './registration.ts';
import { registrationManagementChecks } from './registration-management.ts';
import { logoutChecks } from './logout.ts';
import { otherGrantChecks } from './other-grants.ts';
import { pageHeaderChecks } from './page-headers.ts';
import { forgeryChecks } from './page-forgery.ts';
import { personSessionChecks } from './person-sessions.ts';
import { redirectUriChecks } from './redirect-uri.ts';
import { surfaceChecks } from './surface.ts';

export const CHECKS: readonly Check[] = [
  ...redirectUriChecks,
  ...pkceChecks,
  ...authorizationRequestChecks,
  ...authorizationParameterChecks,
  ...authorizationResponseChecks,
  ...pageHeaderChecks,
  ...forgeryChecks,
  ...personSessionChecks,
  ...surfaceChecks,
  ...authorizationCodeChecks,
  ...tokenEndpointChecks,
  ...clientAuthenticationChecks,
  ...refreshTokenChecks,
  ...resourceChecks,
  ...idTokenChecks,
  ...userinfoChecks,
  ...promptChecks,
  ...claimChecks,
  ...discoveryChecks,
  ...introspectionAndRevocationChecks,
  ...pushedRequestChecks,
  ...requestObjectChecks,
  ...clientAssertionChecks,
  ...dpopChecks,
  ...dpopBindingChecks,
  ...mutualTlsChecks,
  ...securityProfileChecks,
  ...deviceChecks,
  ...registrationChecks,
  ...registrationManagementChecks,
  ...logoutChecks,
  ...otherGrantChecks,
];
