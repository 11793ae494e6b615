import type { PersonalTokenEnd } from '../../domain/personal-access-token.ts';
import { statement, step } from '../statement.ts';
import type { Step } from '../statement.ts';
import { announceEndedPersonalTokens } from './announce.ts';

const endOf = (name: string, which: string) => {
  const found = `${which} AND revoked_at IS NULL`;
  const end = statement(
    `personal_tokens_end_${name}`,
    `UPDATE personal_access_tokens SET revoked_at = $2, revoked_reason = $3, updated_at = $2 WHERE ${found}`,
  );
  const announce = announceEndedPersonalTokens(name, which);
  return (subject: string, at: number, reason: PersonalTokenEnd): readonly Step[] => [
    step(end, subject, at, reason),
    step(announce, subject, at),
  ];
};

/** Every personal access token of a person. */
export const endPersonalTokensOfUser = endOf('of_user', 'user_id = $1');

/** Every personal access token for an API. */
export const endPersonalTokensOfResource = endOf('of_resource', 'resource_id = $1');

/** What anybody made in an organization. */
export const endPersonalTokensOfOrganization = endOf('of_organization', 'organization_id = $1');

const endOfMember = endOf('of_member', "user_id || ' ' || organization_id = $1");

/** What a person made in an organization that they are no member of any more. */
export function endPersonalTokensOfMember(
  userId: string,
  organizationId: string,
  at: number,
): readonly Step[] {
  return endOfMember(`${userId} ${organizationId}`, at, 'owner_left');
}
