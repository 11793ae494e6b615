/** Every page with props as they come in life, for the tests that look at all of them. */
import { accessTokenStates } from './access-token-samples.ts';
import { ACCOUNT_SAMPLES } from './account-samples.ts';
import { CONSENT_SAMPLES } from './consent-samples.ts';
import { devicePages } from './device-samples.ts';
import { DOCS_SAMPLES } from './docs-samples.ts';
import { INVITATION_SAMPLES } from './invitation-samples.ts';
import { SIGN_IN_SAMPLES } from './sign-in-samples.ts';

export const PAGE_SAMPLES: Readonly<Record<string, string>> = {
  ...ACCOUNT_SAMPLES,
  ...SIGN_IN_SAMPLES,
  ...CONSENT_SAMPLES,
  ...devicePages(),
  ...INVITATION_SAMPLES,
  ...accessTokenStates(),
  ...DOCS_SAMPLES,
};
