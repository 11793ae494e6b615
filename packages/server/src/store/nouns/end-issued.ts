import { statement, step, throughAll } from '../statement.ts';
import type { Step } from '../statement.ts';
import { announceGrantsOfIssuer, announceTokensOfIssuer } from './announce.ts';

const endGrants = throughAll(
  statement(
    'issuer_end_grants',
    `UPDATE grants SET ended_at = $2, end_reason = 'trusted_issuer_ended'
   WHERE particulars LIKE $1 AND ended_at IS NULL AND live_until > $2`,
  ),
);
const endTokens = throughAll(
  statement(
    'issuer_end_tokens',
    `UPDATE access_tokens SET revoked_at = $2
   WHERE particulars LIKE $1 AND grant_id IS NULL AND revoked_at IS NULL AND expires_at > $2`,
  ),
);

/** What was given for the assertions of a trusted issuer ends with the trust. */
export function endIssued(trustedIssuerId: string, at: number): readonly Step[] {
  const pattern = `%"trustedIssuerId":"${trustedIssuerId}"%`;
  return [
    step(endGrants, pattern, at),
    step(endTokens, pattern, at),
    ...announceGrantsOfIssuer(pattern, at),
    ...announceTokensOfIssuer(pattern, at),
  ];
}
