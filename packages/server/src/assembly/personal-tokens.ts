/** What rooms need to know about personal access tokens: which rules apply, who is who, where tokens were last used. */
import { ORGANIZATION_ROLES } from '../domain/membership.ts';
import { roleMay } from '../access/authority.ts';
import type { Store } from '../ports/store.ts';
import { createLastUses, type LastUses } from '../protocol/last-uses.ts';
import type { JudgeDependencies } from '../protocol/personal-tokens/judge-token.ts';
import { createMayDecide, createRoleIn, type MayDecide } from '../protocol/personal-tokens/role-in.ts';
import { addressesOf } from './addresses-of.ts';

const DECIDERS = ORGANIZATION_ROLES.filter((role) => roleMay(role, 'personal_access_token.manage'));

export interface PersonalTokenParts extends JudgeDependencies {
  readonly mayDecide: MayDecide;
  /** The addresses of those who approve tokens for an organization. */
  readonly decidersOf: (organizationId: string) => Promise<readonly string[]>;
  /** Of every token that the issuer is asked about. */
  readonly lastUses: LastUses;
}

export function createPersonalTokenParts(store: Store): PersonalTokenParts {
  const { tokenRules, tokenUses, memberships } = store;
  return {
    tokenRules,
    roleIn: createRoleIn(memberships),
    mayDecide: createMayDecide(memberships),
    decidersOf: (organizationId) => addressesOf(organizationId, DECIDERS, store),
    lastUses: createLastUses(tokenUses),
  };
}
