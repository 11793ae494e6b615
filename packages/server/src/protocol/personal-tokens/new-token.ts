/** A new personal access token: the string for its one showing, and what is kept of it. */
import { createTokenString, hashTokenString, type Random } from '@tessera/tokens';
import type { PersonalAccessToken } from '../../domain/personal-access-token.ts';

const HINT_LENGTH = 4;

/** What its owner, the rules and the time decide. */
export type PersonalTokenDetails = Omit<PersonalAccessToken, 'id' | 'hash' | 'hint' | 'updatedAt'>;

export interface NewPersonalToken {
  /** Shown once. */
  readonly value: string;
  readonly kept: PersonalAccessToken;
}

export function newPersonalToken(details: PersonalTokenDetails, random: Random): NewPersonalToken {
  const value = createTokenString('pat', random);
  return {
    value,
    kept: {
      ...details,
      id: `pat_${Buffer.from(random(16)).toString('base64url')}`,
      hash: hashTokenString(value),
      hint: value.slice(-HINT_LENGTH),
      updatedAt: details.createdAt,
    },
  };
}
