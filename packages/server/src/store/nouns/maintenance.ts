import { EXPIRED_TOKEN_RETENTION_MS, LONGEST_TOKEN_LIFE_MS } from '../../domain/access-token.ts';
import { ENDED_PERSONAL_TOKEN_RETENTION_MS } from '../../domain/personal-access-token.ts';
import { POLICY_CHANGE_COUNTS_MS } from '../../domain/policy.ts';
import { STATUS_BLOCK_LIFE_MS } from '../../domain/status-list.ts';
import type { Maintenance } from '../../ports/maintenance.ts';
import type { Database } from '../database.ts';
import { change, statement } from '../statement.ts';
import type { Statement } from '../statement.ts';
import type { TokenPartition } from '../token-partition.ts';
import { newestPlace } from './event-order.ts';
import { isLasting, keepPartitions, tokenPartitions } from './token-partitions.ts';

/** A batch is one transaction; small, so that no token waits long behind it. */
const BATCH = 500;
const FAILED_ATTEMPT_RETENTION_MS = 24 * 3600 * 1000;

/**
 * One batch of `write` to the rows of `table`, known by `key`, that `found` selects (keys only); `$1` is the limit in
 * time. PostgreSQL is given the keys as an array, which it can only look up one by one: it may not know yet how large
 * the table has become, and must not read all of it.
 */
function batch(
  name: string,
  write: string,
  key: string,
  found: string,
  foundByPostgres: string = found,
): Statement {
  return statement(
    `purge_${name}`,
    `${write} WHERE ${key} IN (${found} LIMIT ${BATCH})`,
    `${write} WHERE ${key} = ANY (ARRAY(${foundByPostgres} LIMIT ${BATCH}))`,
  );
}

/** One batch of the rows of `table`, known by `key`, of which `condition` holds. */
function deletion(
  name: string,
  table: string,
  key: string,
  condition: string,
  postgres: string = condition,
): Statement {
  const found = (which: string): string => `SELECT ${key} FROM ${table} WHERE ${which}`;
  return batch(name, `DELETE FROM ${table}`, key, found(condition), found(postgres));
}

const forgetAnswers = batch(
  'sealed_answers',
  'UPDATE refresh_families SET answer_to = NULL, answered_at = NULL, sealed_answer = NULL',
  'id',
  'SELECT id FROM refresh_families WHERE answered_at < $1',
);
// The leaf of a family expired unused: nothing can come of the family any more.
const endIdleFamilies = batch(
  'idle_families',
  'UPDATE refresh_families SET ended_at = $1',
  'id',
  `SELECT families.id
   FROM refresh_tokens AS tokens JOIN refresh_families AS families ON families.id = tokens.family_id
   WHERE tokens.expires_at <= $1 AND tokens.rotated_at IS NULL AND families.ended_at IS NULL`,
);

export function createMaintenance(database: Database): Maintenance {
  const inBatches = async (one: Statement, limit: number): Promise<number> => {
    let total = 0;
    for (;;) {
      // oxlint-disable-next-line no-await-in-loop -- other writes get their turn between two batches
      const changed = await database.write(() => change(one, limit));
      total += changed;
      if (changed < BATCH) return total;
    }
  };
  return {
    async purge(now, refreshGraceMs) {
      const retained = now - EXPIRED_TOKEN_RETENTION_MS;
      await inBatches(forgetAnswers, now - refreshGraceMs);
      await inBatches(endIdleFamilies, now);
      let deleted = 0;
      const tables = lastingTables(await tokenPartitions(database));
      for (const [one, limit] of deletions(now, retained, tables)) {
        // oxlint-disable-next-line no-await-in-loop -- one after the other, so that it stays in the background
        deleted += await inBatches(one, limit);
      }
      return { deleted };
    },
    partition: (now) => keepPartitions(database, now),
  };
}

/** Where access tokens are deleted one by one. */
function lastingTables(partitions: readonly TokenPartition[]): readonly string[] {
  return partitions.length === 0
    ? ['access_tokens']
    : partitions.filter((each) => isLasting(each)).map(({ name }) => name);
}

const accessTokens = (table: string): Statement => deletion(table, table, 'seq', 'expires_at <= $1');
const unusedCodes = deletion(
  'unused_codes',
  'authorization_codes',
  'hash',
  'expires_at <= $1 AND used_at IS NULL',
);
// A used code stays for a while, so that its late second use still ends what the first one got.
const usedCodes = deletion('used_codes', 'authorization_codes', 'hash', 'expires_at <= $1');
const expiredRefreshTokens = deletion('refresh_tokens', 'refresh_tokens', 'seq', 'expires_at <= $1');
const expiredFamilies = deletion('expired_families', 'refresh_families', 'id', 'expires_at <= $1');
const endedFamilies = deletion('ended_families', 'refresh_families', 'id', 'ended_at <= $1');
const expiredSessions = deletion('expired_sessions', 'sessions', 'id', 'expires_at <= $1');
const endedSessions = deletion('ended_sessions', 'sessions', 'id', 'ended_at <= $1');
const oldAttempts = deletion('attempts', 'failed_attempts', 'seq', 'at <= $1');
const usedIdentifiers = deletion('used_identifiers', 'used_identifiers', 'hash', 'used_until <= $1');
const devices = deletion('devices', 'device_authorizations', 'device_code_hash', 'expires_at <= $1');
const pushedRequests = deletion('pushed_requests', 'pushed_requests', 'hash', 'expires_at <= $1');
const sessionClients = deletion('session_clients', 'session_clients', 'seq', 'expires_at <= $1');
// The newest stays, so that there is always a place to read on from; and whatever has no place yet.
const events = deletion(
  'events',
  'events',
  'id',
  'purge_at <= $1 AND id < (SELECT max(id) FROM events)',
  `purge_at <= $1 AND (xid, id) < (${newestPlace('xid, id')})`,
);
const expiredMails = deletion('outbox', 'outbox', 'seq', 'expires_at <= $1');
const expiredLinks = deletion('mail_links', 'mail_links', 'seq', 'expires_at <= $1');
const expiredInvitations = deletion('invitations', 'invitations', 'seq', 'expires_at <= $1');
// Its tokens have expired, but perhaps not by every clock.
const endedStatuses = deletion('ended_statuses', 'ended_statuses', 'status_index', 'expires_at <= $1');
// A block is in use for a day at most, and its tokens live for another. The newest stays: numbers are never given anew.
const blocks = deletion(
  'status_blocks',
  'status_blocks',
  'block',
  'reserved_at <= $1 AND block < (SELECT max(block) FROM status_blocks)',
);
const personalTokens = deletion(
  'personal_tokens',
  'personal_access_tokens',
  'seq',
  'coalesce(revoked_at, expires_at) <= $1',
);
const tokenUses = deletion('token_uses', 'token_uses', 'token_id', 'forget_at <= $1');
const policyChanges = deletion('policy_changes', 'policy_changes', 'seq', 'at <= $1');
const riskSignals = deletion('risk_signals', 'risk_signals', 'seq', 'expires_at <= $1');
const emptyGrants = deletion('grants', 'grants', 'seq', 'live_until <= $1');

/** What goes, in the order in which one thing hangs from the next, each with its limit in time. */
function deletions(
  now: number,
  retained: number,
  tokenTables: readonly string[],
): readonly (readonly [Statement, number])[] {
  return [
    [unusedCodes, now],
    [usedCodes, retained],
    [expiredRefreshTokens, now],
    [expiredFamilies, now],
    [endedFamilies, retained],
    [expiredSessions, now],
    [endedSessions, now],
    // Kept for a while, so that a device still hears that its code has expired.
    [devices, retained],
    [usedIdentifiers, now],
    [pushedRequests, now],
    [sessionClients, now],
    [oldAttempts, now - FAILED_ATTEMPT_RETENTION_MS],
    [events, now],
    [expiredMails, now],
    [expiredInvitations, now],
    // Kept for a while, so that a person still hears that their link has expired.
    [expiredLinks, retained],
    [endedStatuses, retained],
    [blocks, now - STATUS_BLOCK_LIFE_MS - LONGEST_TOKEN_LIFE_MS - EXPIRED_TOKEN_RETENTION_MS],
    ...tokenTables.map((table) => [accessTokens(table), retained] as const),
    [personalTokens, now - ENDED_PERSONAL_TOKEN_RETENTION_MS],
    [tokenUses, now],
    [policyChanges, now - POLICY_CHANGE_COUNTS_MS],
    [riskSignals, now],
    [emptyGrants, retained],
  ];
}
