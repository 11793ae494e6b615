/** Pages of connected apps. A person has few, so they are cut from the whole list; the cursor names the last one shown. */
import type { Connection } from '../../../domain/connection.ts';
import type { Page, PageRequest } from '../../../ports/page.ts';
import { BadCursor } from '../../../ports/store-errors.ts';

/** @param all newest first, apps of one time by their ids @throws BadCursor */
export function pageOfConnections(
  all: readonly Connection[],
  { limit, cursor }: PageRequest,
): Page<Connection> {
  const after = cursor === undefined ? undefined : decode(cursor);
  const rest = after === undefined ? all : all.filter((each) => isAfter(each, after));
  const items = rest.slice(0, limit);
  const last = items.at(-1);
  return { items, ...(last !== undefined && rest.length > limit && { nextCursor: encode(last) }) };
}

type Place = Pick<Connection, 'since' | 'clientId'>;

function isAfter(one: Place, place: Place): boolean {
  return one.since < place.since || (one.since === place.since && one.clientId > place.clientId);
}

function encode({ since, clientId }: Place): string {
  return Buffer.from(`${since} ${clientId}`, 'utf8').toString('base64url');
}

function decode(cursor: string): Place {
  const [since = '', clientId = '', more] = Buffer.from(cursor, 'base64url').toString('utf8').split(' ');
  const place = { since: Number(since), clientId };
  if (more !== undefined || !Number.isSafeInteger(place.since) || encode(place) !== cursor) {
    throw new BadCursor();
  }
  return place;
}
