/** Verifies a request that may carry several tokens: one that is accepted is enough. @spec CTA-5007-B §4.4 */
import { findCats, stripCats } from './carriers.ts';
import type { CarriedCat, CarrierRules, StrippedRequest } from './carriers.ts';
import { CatError } from './cat-error.ts';
import type { CatRequest } from './cat-request.ts';
import { verifyCat } from './verify-cat.ts';
import type { CatPolicy, VerifiedCat } from './verify-cat.ts';

export interface VerifiedRequest {
  readonly cat: VerifiedCat;
  readonly carrier: CarriedCat['carrier'];
  /** Without any token: what may go on. */
  readonly request: StrippedRequest;
}

/**
 * Looks at the tokens one after the other, until one is accepted.
 * @throws CatError of the token that came closest: the last one whose signature holds, else the first one
 */
export async function verifyCatRequest(
  request: CatRequest,
  policy: CatPolicy,
  rules: CarrierRules = {},
): Promise<VerifiedRequest> {
  const carried = findCats(request, rules);
  const stripped = stripCats(request, rules);
  // The header that proves a key, and those that claims ask about, stay.
  const judged: CatRequest = {
    ...request,
    url: stripped.url,
    calledUrl: request.calledUrl ?? request.url,
  };
  let closest: CatError | undefined;
  for (const { token, carrier } of carried) {
    try {
      // oxlint-disable-next-line no-await-in-loop -- a token is used up only if none before it is accepted
      return { cat: await verifyCat(token, judged, policy), carrier, request: stripped };
    } catch (error) {
      if (!(error instanceof CatError)) throw error;
      if (closest === undefined || error.authenticClaims() !== undefined) closest = error;
    }
  }
  throw closest ?? new CatError('missing_token');
}
