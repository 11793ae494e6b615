// Every check, in the order of the report.
import type { Check } from '../harness/check.ts';
import { authorizationRequestChecks } from './authorization-request.ts';
import { authorizationResponseChecks } from './authorization-response.ts';
import { authorizationCodeChecks } from './authorization-code.ts';
import { tokenEndpointChecks } from './token-endpoint.ts';
import { clientAuthenticationChecks } from './client-authentication.ts';
import { refreshTokenChecks } from './refresh-token.ts';
import { resourceChecks } from './resources.ts';
import { openidChecks } from './openid.ts';
import { discoveryChecks } from './discovery.ts';
import { introspectionAndRevocationChecks } from './introspection-revocation.ts';
import { pushedRequestChecks } from './pushed-requests.ts';
import { requestObjectChecks } from './request-objects.ts';
import { clientAssertionChecks } from './client-assertions.ts';
import { dpopChecks } from './dpop.ts';
import { deviceChecks } from './device.ts';
import { registrationChecks } from './registration.ts';
import { logoutChecks } from './logout.ts';
import { otherGrantChecks } from './other-grants.ts';
import { pageChecks } from './pages.ts';
import { redirectUriChecks } from './redirect-uri.ts';
import { surfaceChecks } from './surface.ts';

export const CHECKS: readonly Check[] = [
  ...redirectUriChecks,
  ...authorizationRequestChecks,
  ...authorizationResponseChecks,
  ...pageChecks,
  ...surfaceChecks,
  ...authorizationCodeChecks,
  ...tokenEndpointChecks,
  ...clientAuthenticationChecks,
  ...refreshTokenChecks,
  ...resourceChecks,
  ...openidChecks,
  ...discoveryChecks,
  ...introspectionAndRevocationChecks,
  ...pushedRequestChecks,
  ...requestObjectChecks,
  ...clientAssertionChecks,
  ...dpopChecks,
  ...deviceChecks,
  ...registrationChecks,
  ...logoutChecks,
  ...otherGrantChecks,
];
