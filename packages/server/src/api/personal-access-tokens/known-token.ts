/** What the administration of personal access tokens shares. */
import type { Random } from '@tessera/tokens';
import type { Clock } from '../../ports/clock.ts';
import type { PersonalAccessTokens, PersonalTokenState } from '../../ports/personal-access-tokens.ts';
import type { Resources } from '../../ports/resources.ts';
import { Problem } from '../problem.ts';
import type { WireDependencies } from './personal-token-wire.ts';

export interface PersonalTokenAdministration extends WireDependencies {
  readonly personalAccessTokens: Pick<PersonalAccessTokens, 'find' | 'list' | 'revoke' | 'decide'>;
  readonly resources: Pick<Resources, 'find' | 'findByIdentifier'>;
  readonly clock: Clock;
  readonly random: Random;
}

export const TAG = 'personal-access-tokens';

/** @throws Problem `not_found` */
export async function knownToken(
  id: string,
  { personalAccessTokens }: Pick<PersonalTokenAdministration, 'personalAccessTokens'>,
): Promise<PersonalTokenState> {
  const state = await personalAccessTokens.find(id);
  if (state !== undefined) return state;
  throw new Problem('not_found', 'No personal access token has this id');
}
