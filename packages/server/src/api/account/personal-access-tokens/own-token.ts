/** What the routes about a person's own tokens share. */
import type { Random } from '@tessera/tokens';
import { MOST_PERSONAL_TOKENS } from '../../../domain/personal-access-token.ts';
import type { Clock } from '../../../ports/clock.ts';
import type { Memberships } from '../../../ports/memberships.ts';
import type { PersonalAccessTokens, PersonalTokenState } from '../../../ports/personal-access-tokens.ts';
import type { Resources } from '../../../ports/resources.ts';
import type { OrganizationTokenRules } from '../../../ports/token-rules.ts';
import type { LastUses } from '../../../protocol/last-uses.ts';
import type { OneAtATime } from '../../one-at-a-time.ts';
import { Problem } from '../../problem.ts';
import type { NoticeDependencies } from './token-notices.ts';
import type { ApprovalDependencies } from './token-request.ts';

export interface PersonalTokenDependencies extends ApprovalDependencies, NoticeDependencies {
  readonly personalAccessTokens: PersonalAccessTokens;
  readonly resources: Pick<Resources, 'find' | 'findByIdentifier' | 'findDefault' | 'list'>;
  readonly memberships: Pick<Memberships, 'ofUser'>;
  readonly tokenRules: Pick<OrganizationTokenRules, 'of'>;
  readonly lastUses: Pick<LastUses, 'latest'>;
  readonly clock: Clock;
  readonly random: Random;
  readonly oneAtATime: OneAtATime;
}

export const TAG = 'personal-access-tokens';

/** A person's own token. @throws Problem `not_found`, the same for everybody else's */
export async function ownToken(
  id: string,
  owner: { readonly id: string },
  { personalAccessTokens }: Pick<PersonalTokenDependencies, 'personalAccessTokens'>,
): Promise<PersonalTokenState> {
  const state = await personalAccessTokens.find(id);
  if (state?.token.userId === owner.id) return state;
  throw new Problem('not_found', 'No personal access token has this id');
}

export function tooManyTokens(): Problem {
  return new Problem('too_many', `You have ${MOST_PERSONAL_TOKENS} tokens that have not ended; revoke some`);
}
