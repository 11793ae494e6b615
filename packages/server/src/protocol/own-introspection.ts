/** What the server's own APIs ask about the tokens that come to them. */
import type { Clock } from '../ports/clock.ts';
import {
  type DescriptionDependencies,
  describeAccessToken,
  INACTIVE,
  type IntrospectionResponse,
  USER_ID_CLAIM,
  USERINFO_CLAIMS_CLAIM,
} from './describe-access-token.ts';
import type { TokenFinder } from './find-token.ts';
import { audienceOf } from './resource-indicators.ts';

/** The answer of introspection, without a caller to be authenticated. */
export function createOwnIntrospection(
  findToken: TokenFinder,
  clock: Clock,
  dependencies: DescriptionDependencies,
): (token: string) => Promise<IntrospectionResponse> {
  return async (token) => {
    const found = await findToken(token);
    if (found?.kind !== 'access_token') return INACTIVE;
    const { audience } = await audienceOf(
      found.state.row.resourceId,
      dependencies.issuer,
      dependencies.resources,
    );
    const description = await describeAccessToken(found.state, audience, clock(), dependencies);
    const { userId, userinfoClaims } = found.state.row;
    if (!description.active || userId === undefined) return description;
    return {
      ...description,
      [USER_ID_CLAIM]: userId,
      ...(userinfoClaims === undefined ? {} : { [USERINFO_CLAIMS_CLAIM]: userinfoClaims }),
    };
  };
}
