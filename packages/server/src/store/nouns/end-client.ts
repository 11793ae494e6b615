import type { GrantEndReason } from '../../domain/grant.ts';
import { statement, step, throughAll } from '../statement.ts';
import type { Step } from '../statement.ts';
import { announceActing, announceClient } from './announce.ts';

const endFamilies = throughAll(
  statement(
    'client_end_families',
    `UPDATE refresh_families SET ended_at = $2
   WHERE ended_at IS NULL AND grant_id IN (SELECT id FROM grants WHERE client_id = $1 AND ended_at IS NULL)`,
  ),
);
const endGrants = throughAll(
  statement(
    'client_end_grants',
    'UPDATE grants SET ended_at = $2, end_reason = $3 WHERE client_id = $1 AND ended_at IS NULL',
  ),
);
// For good: they would be good again with the client.
const endTokens = throughAll(
  statement(
    'client_end_tokens',
    `UPDATE access_tokens SET revoked_at = $2
   WHERE client_id = $1 AND revoked_at IS NULL AND expires_at > $2`,
  ),
);

// Of others, who act through it.
const endActing = throughAll(
  statement(
    'client_end_acting',
    `UPDATE access_tokens SET revoked_at = $2
   WHERE particulars LIKE $1 ESCAPE '\\' AND revoked_at IS NULL AND expires_at > $2`,
  ),
);

/**
 * Everything that a client holds ends, and stays ended should the client come back; so do the tokens of others in whose
 * `act` it stands.
 */
export function endClient(id: string, at: number, reason: GrantEndReason): readonly Step[] {
  return [
    ...endRefreshOfClient(id, at),
    step(endGrants, id, at, reason),
    step(endTokens, id, at),
    ...announceClient(id, at),
    step(endActing, actorPattern(id), at),
    ...announceActing(actorPattern(id), at),
  ];
}

/** Only its refresh tokens: it has become a kind of client that gets others. */
export function endRefreshOfClient(id: string, at: number): readonly Step[] {
  return [step(endFamilies, id, at)];
}

/** Particulars of tokens in whose chain of actors the client stands. */
function actorPattern(id: string): string {
  return `%"actor":{%"sub":"${id.replaceAll(/[%_\\]/g, String.raw`\$&`)}"%`;
}
