/** What the routes about a person's own tokens share. */
import type { Random } from '@tessera/tokens';
import { isMailAddress, type SealedMail } from '../../../domain/mail-message.ts';
import type { PersonalAccessToken } from '../../../domain/personal-access-token.ts';
import type { User } from '../../../domain/user.ts';
import type { Clock } from '../../../ports/clock.ts';
import type { PersonalAccessTokens, PersonalTokenState } from '../../../ports/personal-access-tokens.ts';
import type { SealMail } from '../../../ports/outbox.ts';
import type { Resources } from '../../../ports/resources.ts';
import type { OrganizationTokenRules } from '../../../ports/token-rules.ts';
import type { LastUses } from '../../../protocol/last-uses.ts';
import { createdMail } from '../../../protocol/personal-tokens/token-mails.ts';
import type { OneAtATime } from '../../one-at-a-time.ts';
import { Problem } from '../../problem.ts';
import type { ApprovalDependencies } from './token-request.ts';

export interface PersonalTokenDependencies extends ApprovalDependencies {
  readonly personalAccessTokens: PersonalAccessTokens;
  readonly resources: Pick<Resources, 'find' | 'findByIdentifier' | 'findDefault' | 'list'>;
  readonly tokenRules: Pick<OrganizationTokenRules, 'of'>;
  readonly lastUses: Pick<LastUses, 'latest'>;
  /** Undefined where no mail is ever delivered. */
  readonly sealMail: SealMail | undefined;
  readonly issuer: string;
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

/** Tells the owner by mail that there is a token of theirs; undefined where no mail is delivered. */
export function mailAbout(
  token: PersonalAccessToken,
  { email }: Pick<User, 'email'>,
  { issuer, sealMail }: Pick<PersonalTokenDependencies, 'issuer' | 'sealMail'>,
  old?: PersonalAccessToken,
): SealedMail | undefined {
  if (!isMailAddress(email)) return undefined;
  return sealMail?.(createdMail({ issuer, to: email, token }, old), token.createdAt);
}
