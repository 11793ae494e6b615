/** Tells owners by mail that their tokens end within 7 days, and within one: each once, however many nodes there are. */
import { isMailAddress } from '../../domain/mail-message.ts';
import type { SealMail } from '../../ports/outbox.ts';
import type { PersonalAccessTokens } from '../../ports/personal-access-tokens.ts';
import type { Users } from '../../ports/users.ts';
import { expiringMail } from './token-mails.ts';

export interface WarningDependencies {
  readonly issuer: string;
  readonly personalAccessTokens: Pick<PersonalAccessTokens, 'endingWithin' | 'warn'>;
  readonly users: Pick<Users, 'find'>;
  readonly sealMail: SealMail;
}

const DAY_MS = 24 * 3600 * 1000;
const AT_ONCE = 100;

/** The nearer end first: who missed the first mail needs no second one. */
const WARNINGS = [1, 7] as const;

/** @param at milliseconds @returns how many were told */
export async function warnOfEnds(
  at: number,
  { issuer, personalAccessTokens, users, sealMail }: WarningDependencies,
): Promise<number> {
  let told = 0;
  for (const days of WARNINGS) {
    // oxlint-disable-next-line no-await-in-loop -- those who are told of the nearer end are not told of the other
    const ending = await personalAccessTokens.endingWithin({
      at,
      until: at + days * DAY_MS,
      days,
      limit: AT_ONCE,
    });
    for (const token of ending) {
      // oxlint-disable-next-line no-await-in-loop -- one mail after the other, in the background
      const owner = await users.find(token.userId);
      const to = owner?.email ?? '';
      const mail = isMailAddress(to) ? sealMail(expiringMail({ issuer, to, token }, days), at) : undefined;
      // oxlint-disable-next-line no-await-in-loop -- as above
      if (await personalAccessTokens.warn(token.id, days, mail)) told += 1;
    }
  }
  return told;
}
