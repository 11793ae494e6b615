import { statement, step } from '../statement.ts';
import type { Step } from '../statement.ts';
import { announceSession } from './announce.ts';

// `openid` without `offline_access`: the app was let in for as long as the person is (Back-Channel Logout §2.7).
const BOUND_TO_SESSION = `ended_at IS NULL AND (' ' || scopes || ' ') LIKE '% openid %'
    AND (' ' || scopes || ' ') NOT LIKE '% offline_access %'`;

const endFamilies = statement(
  'sign_out_end_families',
  `UPDATE refresh_families SET ended_at = $2
   WHERE ended_at IS NULL AND grant_id IN (SELECT id FROM grants WHERE session_id = $1 AND ${BOUND_TO_SESSION})`,
);
const endGrants = statement(
  'sign_out_end_grants',
  `UPDATE grants SET ended_at = $2, end_reason = 'signed_out' WHERE session_id = $1 AND ${BOUND_TO_SESSION}`,
);
const noticesOf = (which: string): string =>
  `INSERT INTO logout_notices (sid, client_id, user_id, attempts, next_attempt_at)
   SELECT sid, client_id, user_id, 0, $2 FROM session_clients WHERE ${which} ON CONFLICT DO NOTHING`;
const writeNotices = statement('sign_out_write_notices', noticesOf('sid = $1'));
const forgetClients = statement('sign_out_forget_clients', 'DELETE FROM session_clients WHERE sid = $1');
const writeNoticesOfUser = statement('sign_out_user_write_notices', noticesOf('user_id = $1'));
const forgetClientsOfUser = statement(
  'sign_out_user_forget_clients',
  'DELETE FROM session_clients WHERE user_id = $1',
);

/** What ends with a session besides its row, and who is to be told. */
export function signOutSteps(sid: string, at: number): readonly Step[] {
  return [
    step(endFamilies, sid, at),
    step(endGrants, sid, at),
    ...announceSession(sid, at),
    step(writeNotices, sid, at),
    step(forgetClients, sid),
  ];
}

/** Who is to be told when every session of a person ends; their grants end in other ways. */
export function signOutUserSteps(userId: string, at: number): readonly Step[] {
  return [step(writeNoticesOfUser, userId, at), step(forgetClientsOfUser, userId)];
}
