/** Does an organization allow this personal access token? Asked when one is made, made anew, changed, and used. */
import type { PersonalAccessToken } from '../domain/personal-access-token.ts';
import type { TokenCreators, TokenRules } from '../domain/token-rules.ts';

/** Which rule a token breaks. `approval`: somebody has to approve it first. */
export type BrokenRule = 'lifetime' | 'never_expires' | 'full_scope' | 'creator' | 'approval';

/** What of a token the rules look at. */
export type RuledToken = Pick<
  PersonalAccessToken,
  'userId' | 'createdAt' | 'expiresAt' | 'scopes' | 'approval'
>;

/** The owner's role in the organization whose rules they are; `none`: no member. */
export type OwnerRole = 'owner' | 'admin' | 'developer' | 'member' | 'none';

const CREATORS: Readonly<Record<TokenCreators, readonly OwnerRole[]>> = {
  everyone: ['owner', 'admin', 'developer', 'member', 'none'],
  developers: ['owner', 'admin', 'developer'],
  admins: ['owner', 'admin'],
  nobody: [],
};

/** Whether the role is enough to have such tokens. */
export function isCreator(creators: TokenCreators, role: OwnerRole): boolean {
  return CREATORS[creators].includes(role);
}

/**
 * @param apiScopes every scope of the token's API
 * @returns the rules that it breaks; none for a person who is exempt
 */
export function brokenRules(
  token: RuledToken,
  rules: TokenRules,
  apiScopes: readonly string[],
  role: OwnerRole,
): readonly BrokenRule[] {
  if (rules.exemptUserIds.includes(token.userId)) return [];
  const broken: BrokenRule[] = [];
  if (!isCreator(rules.whoMayCreate, role)) broken.push('creator');
  if (token.expiresAt === undefined) {
    if (!rules.allowNeverExpiring) broken.push('never_expires');
  } else if (token.expiresAt - token.createdAt > rules.maxLifetimeSeconds * 1000) broken.push('lifetime');
  if (!rules.allowFullScope && hasFullScope(token.scopes, apiScopes)) broken.push('full_scope');
  if (rules.approvalRequired && token.approval !== 'approved') broken.push('approval');
  return broken;
}

/** The one scope of an API that has no more is not meant. */
function hasFullScope(scopes: readonly string[], apiScopes: readonly string[]): boolean {
  return apiScopes.length > 1 && apiScopes.every((name) => scopes.includes(name));
}
