/** What to do about a refused request, from what the server kept of it. */
import type { Json } from '../api-client.ts';
import { OAUTH_FIXES } from './oauth-fixes.ts';
import { PROBLEM_FIXES } from './problem-fixes.ts';
import { TOKEN_FIXES } from './token-fixes.ts';

type Fixes = Readonly<Record<string, string>>;

/** A detail that is the verifier's code says more than the error that was sent. */
export function fixOf(refusal: Json): string {
  const { detail } = refusal;
  const [reason = ''] = typeof detail === 'string' ? detail.split(':', 1) : [];
  const error = String(refusal['error']);
  const ofApi = /^\/(?:admin|account)\//.test(String(refusal['path']));
  const [first, second]: readonly Fixes[] = ofApi
    ? [PROBLEM_FIXES, OAUTH_FIXES]
    : [OAUTH_FIXES, PROBLEM_FIXES];
  const tokenFixes: Fixes = TOKEN_FIXES;
  return (
    tokenFixes[reason] ??
    first?.[error] ??
    second?.[error] ??
    'The log of the server has the reason under this id.'
  );
}
