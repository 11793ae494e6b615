import { LONGEST_PERSONAL_TOKEN_LIFE_MS } from './personal-access-token.ts';

/** What an organization allows of personal access tokens: those of its members, and those for its APIs. */
export interface TokenRules {
  readonly organizationId: string;
  readonly maxLifetimeSeconds: number;
  readonly allowNeverExpiring: boolean;
  /** Whether a token may have every scope of an API that has several. */
  readonly allowFullScope: boolean;
  readonly whoMayCreate: TokenCreators;
  readonly approvalRequired: boolean;
  /** People to whom these rules do not apply. */
  readonly exemptUserIds: readonly string[];
  /** 0: nobody has set them. */
  readonly updatedAt: number;
}

/** The least role in the organization. `everyone`: also people who are no members, for APIs that are open to all. */
export type TokenCreators = 'everyone' | 'developers' | 'admins' | 'nobody';

export const TOKEN_CREATORS: readonly TokenCreators[] = ['everyone', 'developers', 'admins', 'nobody'];

/** What holds where an organization has set nothing. */
export function standardTokenRules(organizationId: string): TokenRules {
  return {
    organizationId,
    maxLifetimeSeconds: LONGEST_PERSONAL_TOKEN_LIFE_MS / 1000,
    allowNeverExpiring: false,
    allowFullScope: true,
    whoMayCreate: 'everyone',
    approvalRequired: false,
    exemptUserIds: [],
    updatedAt: 0,
  };
}
