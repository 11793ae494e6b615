/** What a restore ends of the rows that come back: nobody knows what of them ended after the backup was taken. */
import { LONGEST_TOKEN_LIFE_MS } from '../../domain/access-token.ts';
import { change, statement } from '../statement.ts';
import type { Statement, Verb } from '../statement.ts';
import type { Filling } from './database-ends.ts';

/** Places in status lists that were given out after the backup are never given anew: so many blocks are left out. */
const LEFT_OUT_BLOCKS = 1_000_000;
/** Of RFC 6238, as the authenticator apps of people have it. */
const TIME_STEP_MS = 30_000;

const AT = 'CAST($1 AS bigint)';
const ends: readonly Statement[] = [
  statement(
    'restore_end_personal_tokens',
    `UPDATE personal_access_tokens SET revoked_at = ${AT}, revoked_reason = 'restored', updated_at = ${AT}
     WHERE revoked_at IS NULL`,
  ),
  statement(
    'restore_end_client_tokens',
    `UPDATE client_tokens SET ends_at = ${AT} WHERE ends_at IS NULL OR ends_at > ${AT}`,
  ),
  statement(
    'restore_end_keys',
    `UPDATE signing_keys SET retires_at = ${AT}, revoked_at = ${AT} WHERE retires_at IS NULL OR retires_at > ${AT}`,
  ),
  statement('restore_end_recovery_codes', `UPDATE recovery_codes SET used_at = ${AT} WHERE used_at IS NULL`),
  statement(
    'restore_announce',
    `INSERT INTO events (at, purge_at, kind, expires_at)
     VALUES (${AT}, ${AT} + ${LONGEST_TOKEN_LIFE_MS}, 'epoch', ${AT} + ${LONGEST_TOKEN_LIFE_MS})`,
  ),
];
// A code of the next step may have been taken from a clock that is ahead.
const spendCodes = statement(
  'restore_spend_time_codes',
  `UPDATE authenticator_apps SET last_step = ${AT} WHERE last_step < ${AT}`,
);
const forgetBlocks = statement('restore_forget_blocks', 'DELETE FROM status_blocks WHERE block <= $1');
/** The nodes of then are gone; whoever joins first takes the duty, with a number above every one that was. */
export const freeDuty = statement(
  'restore_free_duty',
  "UPDATE duty SET holder = '', taken_at = 0, lease_until = 0, number = number + 1",
);

/** @param at milliseconds */
export async function endEverything(filling: Filling, at: number): Promise<void> {
  await filling.run(function* (): Verb<void> {
    for (const on of ends) yield* change(on, at);
    yield* change(spendCodes, Math.floor(at / TIME_STEP_MS) + 1);
  });
  const [newest = 0] = await filling.numbers('SELECT max(block) FROM status_blocks');
  await filling.run(function* (): Verb<void> {
    yield* change(forgetBlocks, newest);
  });
  await filling.insert('status_blocks', ['block', 'reserved_at'], [[newest + LEFT_OUT_BLOCKS, at]]);
}
