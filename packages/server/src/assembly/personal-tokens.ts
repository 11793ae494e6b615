/** What rooms need to know about personal access tokens: which rules apply, who is who, where tokens were last used. */
import type { Store } from '../ports/store.ts';
import { createLastUses, type LastUses } from '../protocol/last-uses.ts';
import type { JudgeDependencies } from '../protocol/personal-tokens/judge-token.ts';
import { createMayDecide, createRoleIn, type MayDecide } from '../protocol/personal-tokens/role-in.ts';

export interface PersonalTokenParts extends JudgeDependencies {
  readonly mayDecide: MayDecide;
  /** Of every token that the issuer is asked about. */
  readonly lastUses: LastUses;
}

export function createPersonalTokenParts({ tokenRules, tokenUses, memberships }: Store): PersonalTokenParts {
  return {
    tokenRules,
    roleIn: createRoleIn(memberships),
    mayDecide: createMayDecide(memberships),
    lastUses: createLastUses(tokenUses),
  };
}
