import type { Ending } from '../../domain/ending.ts';
import type { EndingCursor, Endings, PlacedEnding } from '../../ports/endings.ts';
import type { Database } from '../database.ts';
import { statement } from '../statement.ts';
import { HAS_PLACE, newestPlace } from './event-order.ts';

interface EndingColumns {
  readonly xid: number;
  readonly id: number;
  readonly at: number;
  readonly kind: Ending['kind'];
  readonly token_id: Uint8Array | null;
  readonly status_index: number | null;
  readonly resource_id: string | null;
  readonly resource: string | null;
  readonly grant_id: string | null;
  readonly client_id: string | null;
  readonly policy_epoch: number | null;
  readonly organization_id: string | null;
  readonly kid: string | null;
  readonly expires_at: number;
}

/** A place: behind the event that it names. The time tells it from one of the same number in another life. */
interface Place {
  readonly xid: number;
  readonly id: number;
  readonly at: number;
}

/** The first of all is no ending. */
const IS_KNOWN = "kind IN ('token', 'grant', 'client', 'resource', 'key', 'epoch', 'policy')";
const COLUMNS = `xid, id, at, kind, token_id, status_index, resource_id, resource, grant_id, client_id, kid,
  expires_at, policy_epoch, organization_id`;

const findAfter = statement(
  'events_after',
  `SELECT ${COLUMNS} FROM events WHERE xid >= $1 AND id > $2 AND ${IS_KNOWN} ORDER BY id LIMIT $3`,
  `SELECT ${COLUMNS} FROM events WHERE (xid, id) > ($1, $2) AND ${HAS_PLACE} AND ${IS_KNOWN}
   ORDER BY xid, id LIMIT $3`,
);
const findHead = statement(
  'events_head',
  'SELECT xid, id, at FROM events ORDER BY id DESC LIMIT 1',
  newestPlace('xid, id, at'),
);
const findFirst = statement('events_first', 'SELECT xid, id, at FROM events ORDER BY xid, id LIMIT 1');
const findPlace = statement('events_place', 'SELECT at FROM events WHERE xid = $1 AND id = $2');
const findEarly = statement(
  'events_early',
  `SELECT ${COLUMNS} FROM events WHERE FALSE AND xid = $1 AND id = $2 LIMIT $3`,
  `SELECT ${COLUMNS} FROM events WHERE (xid, id) > ($1, $2) AND NOT (${HAS_PLACE}) AND ${IS_KNOWN}
   ORDER BY id DESC LIMIT $3`,
);
const findUnlisted = statement(
  'events_unlisted',
  `SELECT ${COLUMNS} FROM events
   WHERE (kind IN ('token', 'grant', 'client', 'resource') AND format = 'cat' OR kind IN ('key', 'epoch', 'policy')) AND expires_at > $1 ORDER BY xid, id`,
);

export function createEndings(database: Database): Endings {
  return {
    async head() {
      // Where somebody has been at work since before the first of all, none has a place; nothing can come before that one.
      const [newest = (await database.find<Place>(findFirst))[0]] = await database.find<Place>(findHead);
      // The migration wrote one, and the newest is never deleted.
      if (newest === undefined) throw new Error('the table of events is empty');
      return encode(newest);
    },
    async after(cursor, limit) {
      const place = decode(cursor);
      if (place === undefined) return undefined;
      const { xid, id } = place;
      const [there] = await database.find<{ at: number }>(findPlace, xid, id);
      // A place whose event has been deleted is too old: so may be others that were never read.
      if (there?.at !== place.at) return undefined;
      // Asked first: what has got its place by now is read below, and what comes later wakes the reader.
      const early = (await database.find<EndingColumns>(findEarly, xid, id, limit)).map(toPlaced);
      const endings = (await database.find<EndingColumns>(findAfter, xid, id, limit)).map(toPlaced);
      return { endings, cursor: endings.at(-1)?.cursor ?? cursor, early };
    },
    async unlisted(now) {
      const found = await database.scan<EndingColumns>(findUnlisted, now);
      return found.map(toEnding);
    },
    wakesAtOnce: database.foreignWriteAgeMs === 0,
    onWritten: (wake) => database.onEvents(wake),
  };
}

function encode({ xid, id, at }: Place): EndingCursor {
  return [xid, id, at].map((each) => each.toString(36)).join('-');
}

function decode(cursor: EndingCursor): Place | undefined {
  const match = /^([0-9a-z]{1,11})-([0-9a-z]{1,11})-([0-9a-z]{1,11})$/.exec(cursor);
  if (match === null) return undefined;
  const [xid = Number.NaN, id = Number.NaN, at = Number.NaN] = match
    .slice(1)
    .map((each) => parseInt(each, 36));
  return [xid, id, at].every((each) => Number.isSafeInteger(each)) ? { xid, id, at } : undefined;
}

function toPlaced(columns: EndingColumns): PlacedEnding {
  return { ...toEnding(columns), cursor: encode(columns) };
}

function toEnding(columns: EndingColumns): Ending {
  const { kind, at, expires_at: expiresAt } = columns;
  switch (kind) {
    case 'token':
      return {
        kind,
        at,
        expiresAt,
        tokenId: columns.token_id ?? new Uint8Array(),
        ...(columns.status_index !== null && { statusIndex: columns.status_index }),
        ...(columns.resource_id !== null && { resourceId: columns.resource_id }),
      };
    case 'grant':
      return { kind, at, expiresAt, grantId: columns.grant_id ?? '' };
    case 'client':
      return { kind, at, expiresAt, clientId: columns.client_id ?? '' };
    case 'policy':
      return {
        kind,
        at,
        expiresAt,
        epoch: columns.policy_epoch ?? Number.MAX_SAFE_INTEGER,
        ...(columns.client_id !== null && { clientId: columns.client_id }),
        ...(columns.grant_id !== null && { grantId: columns.grant_id }),
        ...(columns.resource !== null && { resource: columns.resource }),
        ...(columns.organization_id !== null && { organizationId: columns.organization_id }),
      };
    case 'key':
      return { kind, at, expiresAt, kid: columns.kid ?? '' };
    case 'epoch':
      return { kind, at, expiresAt };
    default:
      return {
        kind: 'resource',
        at,
        expiresAt,
        resourceId: columns.resource_id ?? '',
        resource: columns.resource ?? '',
      };
  }
}
