/** The list of rules for metadata that only some clients register; adding one is a file and a line here. */
import { accessTokenLifetime } from './access-token-lifetime.ts';
import { authorizationRequests } from './authorization-requests.ts';
import { clientAuthentication } from './client-authentication.ts';
import { dpopBound } from './dpop-bound.ts';
import { keys } from './keys.ts';
import { logout } from './logout.ts';
import type { MetadataRule } from './metadata-rule.ts';
import { securityProfile } from './security-profile.ts';
import { signedAnswers } from './signed-answers.ts';
import { software } from './software.ts';
import { subjectType } from './subject-type.ts';

export const METADATA_RULES: readonly MetadataRule[] = [
  keys,
  clientAuthentication,
  dpopBound,
  subjectType,
  signedAnswers,
  logout,
  securityProfile,
  software,
  authorizationRequests,
  accessTokenLifetime,
];
