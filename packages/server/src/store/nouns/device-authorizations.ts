import type { DeviceAuthorization, DeviceDenial } from '../../domain/device-authorization.ts';
import type { DeviceAuthorizations } from '../../ports/device-authorizations.ts';
import { joinScopes, nullable, present, splitScopes } from '../columns.ts';
import type { Database } from '../database.ts';
import { change, lastly, statement } from '../statement.ts';
import type { Verb } from '../statement.ts';
import { insertAccessToken, keepGrantUntil } from './access-tokens.ts';
import { recordAudit } from './audit.ts';
import { GRANT_IS_LIVE } from './grant-columns.ts';
import { insertGrant } from './insert-grant.ts';
import { insertRefreshFamily } from './refresh-tokens.ts';

interface DeviceColumns {
  readonly device_code_hash: Uint8Array;
  readonly user_code_hash: Uint8Array;
  readonly client_id: string;
  readonly scopes: string;
  readonly resource_id: string | null;
  readonly code_challenge: string | null;
  readonly address: string;
  readonly created_at: number;
  readonly expires_at: number;
  readonly interval_ms: number;
  readonly polled_at: number | null;
  readonly session_id: string | null;
  readonly grant_id: string | null;
  readonly denied_at: number | null;
  readonly denied_because: DeviceDenial | null;
  readonly redeemed_at: number | null;
}

const insertDevice = statement(
  'device_insert',
  `INSERT INTO device_authorizations (device_code_hash, user_code_hash, client_id, scopes, resource_id, code_challenge,
     address, created_at, expires_at, interval_ms)
   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (user_code_hash) DO NOTHING`,
);
const findByDeviceCode = statement(
  'device_find',
  'SELECT * FROM device_authorizations WHERE device_code_hash = $1',
);
const findByUserCode = statement(
  'device_find_by_user_code',
  'SELECT * FROM device_authorizations WHERE user_code_hash = $1',
);
const notePoll = statement(
  'device_poll',
  `UPDATE device_authorizations SET polled_at = $2
   WHERE device_code_hash = $1 AND (polled_at IS NULL OR polled_at + interval_ms - $3 <= $2)`,
);
const notePollTooSoon = statement(
  'device_poll_too_soon',
  'UPDATE device_authorizations SET polled_at = $2, interval_ms = interval_ms + $3 WHERE device_code_hash = $1',
);
const UNDECIDED = 'user_code_hash = $1 AND expires_at > $3 AND grant_id IS NULL AND denied_at IS NULL';
const claimDevice = statement(
  'device_claim',
  `UPDATE device_authorizations SET session_id = $2
   WHERE ${UNDECIDED} AND (session_id IS NULL OR session_id = $2)`,
);
const releaseDevice = statement(
  'device_release',
  `UPDATE device_authorizations SET session_id = NULL WHERE ${UNDECIDED} AND session_id = $2`,
);
// The one write that decides whether a device is let in.
const approveDevice = statement(
  'device_approve',
  `UPDATE device_authorizations SET grant_id = $4 WHERE ${UNDECIDED} AND session_id = $2`,
);
const denyDevice = statement(
  'device_deny',
  `UPDATE device_authorizations SET denied_at = $3, denied_because = $4 WHERE ${UNDECIDED} AND session_id = $2`,
);
// The one write that decides who redeems a device code.
const useDevice = statement(
  'device_use',
  `UPDATE device_authorizations SET redeemed_at = $2
   WHERE device_code_hash = $1 AND redeemed_at IS NULL AND expires_at > $2
     AND (SELECT ${GRANT_IS_LIVE} FROM grants WHERE grants.id = device_authorizations.grant_id)`,
);

export function createDeviceAuthorizations(database: Database): DeviceAuthorizations {
  return {
    start: (device) => database.write(() => start(device)),

    async findByDeviceCode(hash) {
      const [found] = await database.find<DeviceColumns>(findByDeviceCode, hash);
      return found === undefined ? undefined : toDevice(found);
    },
    async findByUserCode(hash) {
      const [found] = await database.find<DeviceColumns>(findByUserCode, hash);
      return found === undefined ? undefined : toDevice(found);
    },

    poll: ({ deviceCodeHash, at, toleranceMs, penaltyMs }) =>
      database.write(function* (): Verb<boolean> {
        if ((yield* change(notePoll, deviceCodeHash, at, toleranceMs)) === 1) return true;
        yield* change(notePollTooSoon, deviceCodeHash, at, penaltyMs);
        return false;
      }),

    claim: ({ userCodeHash, sessionId, at }) =>
      database.write(function* (): Verb<boolean> {
        return (yield* change(claimDevice, userCodeHash, sessionId, at)) === 1;
      }),

    release: ({ userCodeHash, sessionId, at }) =>
      database.write(function* (): Verb<void> {
        yield* change(releaseDevice, userCodeHash, sessionId, at);
      }),

    approve: ({ userCodeHash, sessionId, at, grant, audit }) =>
      database.write(function* (): Verb<boolean> {
        if ((yield* change(approveDevice, userCodeHash, sessionId, at, grant.id)) === 0) return false;
        // Kept as long as the device code may still be redeemed, and looked at for a while after that.
        yield* lastly(insertGrant(grant, at), recordAudit(audit));
        return true;
      }),

    deny: ({ userCodeHash, sessionId, at, audit, because }) =>
      database.write(function* (): Verb<boolean> {
        if ((yield* change(denyDevice, userCodeHash, sessionId, at, nullable(because))) === 0) return false;
        yield* lastly(recordAudit(audit));
        return true;
      }),

    redeem: (redemption) => database.write(() => redeem(redemption)),
  };
}

function* start(device: DeviceAuthorization): Verb<boolean> {
  const added = yield* change(
    insertDevice,
    device.deviceCodeHash,
    device.userCodeHash,
    device.clientId,
    joinScopes(device.scopes),
    nullable(device.resourceId),
    nullable(device.codeChallenge),
    device.address,
    device.createdAt,
    device.expiresAt,
    device.intervalMs,
  );
  return added === 1;
}

/** Exactly one call ever gets past the first write. */
function* redeem({
  deviceCodeHash,
  at,
  accessToken,
  refresh,
}: Parameters<DeviceAuthorizations['redeem']>[0]): Verb<boolean> {
  if ((yield* change(useDevice, deviceCodeHash, at)) === 0) return false;
  const { grantId } = accessToken;
  const liveUntil = Math.max(accessToken.expiresAt, refresh?.family.expiresAt ?? 0);
  yield* lastly(
    ...(refresh === undefined ? [] : insertRefreshFamily(refresh.family, refresh.token)),
    insertAccessToken(accessToken),
    grantId === undefined ? undefined : keepGrantUntil(grantId, liveUntil),
  );
  return true;
}

function toDevice(columns: DeviceColumns): DeviceAuthorization {
  return present({
    deviceCodeHash: columns.device_code_hash,
    userCodeHash: columns.user_code_hash,
    clientId: columns.client_id,
    scopes: splitScopes(columns.scopes),
    resourceId: columns.resource_id,
    codeChallenge: columns.code_challenge,
    address: columns.address,
    createdAt: columns.created_at,
    expiresAt: columns.expires_at,
    intervalMs: columns.interval_ms,
    polledAt: columns.polled_at,
    sessionId: columns.session_id,
    grantId: columns.grant_id,
    deniedAt: columns.denied_at,
    deniedBecause: columns.denied_because,
    redeemedAt: columns.redeemed_at,
  });
}
