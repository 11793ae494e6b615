import { TESSERA_API_IDENTIFIER } from '../../domain/resource.ts';
import { statement, step } from '../statement.ts';
import type { Step } from '../statement.ts';
import {
  announceAccessTokensOfUser,
  announceAfterMembership,
  announcePersonalTokensOfUser,
  POLICY_ON_MEMBERSHIPS,
} from './announce.ts';

const endTokens = statement(
  'user_end_access_tokens',
  `UPDATE access_tokens SET revoked_at = $2
   WHERE user_id = $1 AND revoked_at IS NULL AND expires_at > $2`,
);

const endTokensUnderPolicies = statement(
  'user_end_access_tokens_judged',
  `UPDATE access_tokens SET revoked_at = $2
   WHERE user_id = $1 AND revoked_at IS NULL AND expires_at > $2
     AND EXISTS (SELECT 1 FROM policies WHERE mode = 'enforce')`,
);

/** As below, where any policy may look at how well somebody signs in: they can do better now. */
export function judgeUserAnew(userId: string, at: number): readonly Step[] {
  return [step(endTokensUnderPolicies, userId, at), ...announceAccessTokensOfUser(userId, at)];
}

const endTokensUnderMemberships = statement(
  'user_end_access_tokens_of_member',
  `UPDATE access_tokens SET revoked_at = $2
   WHERE user_id = $1 AND revoked_at IS NULL AND expires_at > $2 AND ${POLICY_ON_MEMBERSHIPS}
     AND (resource_id IS NULL OR resource_id NOT IN (SELECT id FROM resources WHERE built_in = 1)
       OR EXISTS (SELECT 1 FROM policies WHERE mode = 'enforce' AND settings LIKE '%"${TESSERA_API_IDENTIFIER}"%'))`,
);

/**
 * As above, where a policy looks at memberships: the person is something else in an organization now. Tokens for
 * Tessera's own API end only where a policy names it, which is what policies are about (access/policies/judge).
 */
export function judgeMemberAnew(userId: string, at: number): readonly Step[] {
  return [step(endTokensUnderMemberships, userId, at), ...announceAfterMembership(userId, at)];
}

/**
 * The access tokens of a person end, and nothing else: what they hang from stays, so that the next ones are judged by
 * what is known by now. Whoever remembers a personal access token of theirs asks anew.
 */
export function endAccessTokensOfUser(userId: string, at: number): readonly Step[] {
  return [
    step(endTokens, userId, at),
    ...announceAccessTokensOfUser(userId, at),
    announcePersonalTokensOfUser(userId, at),
  ];
}
