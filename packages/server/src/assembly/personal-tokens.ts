/** What rooms need to know about personal access tokens: which rules apply, who is who, where tokens were last used. */
import type { Store } from '../ports/store.ts';
import { createLastUses, type LastUses } from '../protocol/last-uses.ts';
import type { JudgeDependencies, RoleIn } from '../protocol/personal-tokens/judge-token.ts';

export interface PersonalTokenParts extends JudgeDependencies {
  /** Of every token that the issuer is asked about. */
  readonly lastUses: LastUses;
}

export function createPersonalTokenParts({ tokenRules, tokenUses }: Store): PersonalTokenParts {
  return { tokenRules, roleIn, lastUses: createLastUses(tokenUses) };
}

/** In their own organization everybody is the owner, and the operator is one everywhere. */
export const roleIn: RoleIn = async (person, organizationId) =>
  person.organizationId === organizationId || person.role === 'admin' ? 'owner' : 'none';
