import { beginningOf, nextLink } from '../../audit/chain.ts';
import { eventDigest, personalDigest } from '../../audit/event-digest.ts';
import { placesText } from '../../audit/anchor.ts';
import type { AuditAnchor, ChainPlace } from '../../domain/audit-chain.ts';
import type { AuditChain, LinkedEvent } from '../../ports/audit-chain.ts';
import type { Random } from '../../ports/random.ts';
import { fromJson } from '../columns.ts';
import type { Database } from '../database.ts';
import { change, lastly, row, rows, statement, step } from '../statement.ts';
import type { Step, Verb } from '../statement.ts';
import { type AuditEventColumns, toAuditEvent } from './audit.ts';

/** A batch is one transaction; small, so that no token waits long behind it. */
const BATCH = 200;

const findUnlinked = statement('audit_find_unlinked', 'SELECT seq FROM audit_unlinked LIMIT 1');
// Nodes that link at the same time take other events, and another chain, than their neighbours.
const SKIP_LOCKED = ' FOR UPDATE SKIP LOCKED';
const skipping = (name: string, sql: string): ReturnType<typeof statement> =>
  statement(name, sql, `${sql}${SKIP_LOCKED}`);
const takeUnlinked = skipping(
  'audit_take_unlinked',
  `SELECT seq FROM audit_unlinked ORDER BY seq LIMIT ${BATCH}`,
);
const takeChain = skipping(
  'audit_take_chain',
  'SELECT chain, position, link FROM audit_chains ORDER BY chain LIMIT 1',
);
const newestChain = statement('audit_newest_chain', 'SELECT max(chain) AS chain FROM audit_chains');
const addChain = statement(
  'audit_add_chain',
  'INSERT INTO audit_chains (chain, position, link) VALUES ($1, $2, $3) ON CONFLICT (chain) DO NOTHING',
);
const moveChain = statement(
  'audit_move_chain',
  'UPDATE audit_chains SET position = $2, link = $3 WHERE chain = $1',
);
const readEvents = statement(
  'audit_read_events',
  `SELECT * FROM audit_events WHERE seq >= $1 AND seq <= $2 AND seq IN (SELECT seq FROM audit_unlinked)
   ORDER BY seq`,
);
const addLink = statement(
  'audit_add_link',
  `INSERT INTO audit_links (chain, position, event_seq, at, digest, salt, personal_digest, link)
   VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
);
const forgetUnlinked = statement('audit_forget_unlinked', 'DELETE FROM audit_unlinked WHERE seq = $1');

const placesAt = (name: string, position: string): ReturnType<typeof statement> =>
  statement(
    name,
    `SELECT links.chain, links.position, links.link
     FROM audit_chains AS chains JOIN audit_links AS links
       ON links.chain = chains.chain AND links.position = ${position}
     ORDER BY links.chain`,
  );
const NEWEST = '(SELECT max(position) FROM audit_links WHERE chain = chains.chain)';
const readHeads = placesAt('audit_heads', NEWEST);
// The last one below the first event that is to be kept.
const readPlacesBefore = placesAt(
  'audit_places_before',
  `coalesce((SELECT min(position) FROM audit_links WHERE chain = chains.chain AND at >= $1) - 1, ${NEWEST})`,
);
const readLinks = statement(
  'audit_links',
  `SELECT links.chain, links.position, links.digest AS link_digest, links.salt, links.personal_digest, links.link,
     audit_events.*
   FROM audit_links AS links LEFT JOIN audit_events ON audit_events.seq = links.event_seq
   WHERE links.chain = $1 AND links.position > $2 ORDER BY links.position LIMIT $3`,
);
const readStrays = statement(
  'audit_strays',
  `SELECT id FROM audit_events
   WHERE NOT EXISTS (SELECT 1 FROM audit_links WHERE event_seq = audit_events.seq)
     AND NOT EXISTS (SELECT 1 FROM audit_unlinked WHERE audit_unlinked.seq = audit_events.seq)
   ORDER BY seq LIMIT $1`,
);

const ANCHOR = 'number, at, heads, floors, pruned_before, previous, seal';
const readNewestAnchor = statement(
  'audit_newest_anchor',
  `SELECT ${ANCHOR} FROM audit_anchors ORDER BY number DESC LIMIT 1`,
);
const readAnchors = statement(
  'audit_anchors',
  `SELECT ${ANCHOR} FROM audit_anchors WHERE number > $1 ORDER BY number LIMIT $2`,
);
const addAnchor = statement(
  'audit_add_anchor',
  `INSERT INTO audit_anchors (${ANCHOR}) VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (number) DO NOTHING`,
);

const pruneEvents = statement(
  'audit_prune_events',
  `DELETE FROM audit_events WHERE seq IN (
     SELECT event_seq FROM audit_links WHERE chain = $1 AND position <= $2 ORDER BY position LIMIT ${BATCH})`,
);
const pruneLinks = statement(
  'audit_prune_links',
  `DELETE FROM audit_links WHERE chain = $1 AND position IN (
     SELECT position FROM audit_links WHERE chain = $1 AND position <= $2 ORDER BY position LIMIT ${BATCH})`,
);
const pruneAnchors = statement(
  'audit_prune_anchors',
  'DELETE FROM audit_anchors WHERE at < $1 AND number < $2',
);

interface AnchorColumns {
  readonly number: number;
  readonly at: number;
  readonly heads: string;
  readonly floors: string;
  readonly pruned_before: number;
  readonly previous: Uint8Array;
  readonly seal: Uint8Array;
}

type LinkColumns = AuditEventColumns &
  ChainPlace & {
    readonly link_digest: Uint8Array;
    readonly salt: Uint8Array | null;
    readonly personal_digest: Uint8Array;
  };

export function createAuditChain(database: Database): AuditChain {
  const newestAnchor = async (): Promise<AuditAnchor | undefined> => {
    const [found] = await database.find<AnchorColumns>(readNewestAnchor);
    return found && toAnchor(found);
  };
  return {
    async link(random) {
      let linked = 0;
      for (;;) {
        // Most of the time there is nothing, and a read costs the least.
        // oxlint-disable-next-line no-await-in-loop -- other writes get their turn between two batches
        if ((await database.find(findUnlinked)).length === 0) return linked;
        // oxlint-disable-next-line no-await-in-loop -- as above
        const batch = await database.write(() => linkBatch(random));
        if (batch === 0) return linked;
        linked += batch;
      }
    },
    heads: () => database.scan<ChainPlace>(readHeads),
    async links(chain, after, limit) {
      return (await database.scan<LinkColumns>(readLinks, chain, after, limit)).map(toLinkedEvent);
    },
    async strays(limit) {
      return (await database.scan<{ id: string }>(readStrays, limit)).map(({ id }) => id);
    },
    newestAnchor,
    async anchors(after, limit) {
      return (await database.scan<AnchorColumns>(readAnchors, after, limit)).map(toAnchor);
    },
    async addAnchor(anchor) {
      const { number, at, heads, floors, prunedBefore, previous, seal } = anchor;
      const places = [placesText(heads), placesText(floors)] as const;
      const added = await database.write(() =>
        change(addAnchor, number, at, ...places, prunedBefore, previous, seal),
      );
      return added === 1;
    },
    placesBefore: (at) => database.scan<ChainPlace>(readPlacesBefore, at),
    async prune() {
      const anchor = await newestAnchor();
      if (anchor === undefined || anchor.prunedBefore === 0) return 0;
      let deleted = 0;
      for (const { chain, position } of anchor.floors) {
        for (;;) {
          // oxlint-disable-next-line no-await-in-loop -- other writes get their turn between two batches
          const batch = await database.write(() => pruneBatch(chain, position));
          deleted += batch;
          if (batch < BATCH) break;
        }
      }
      await database.write(() => change(pruneAnchors, anchor.prunedBefore, anchor.number));
      return deleted;
    },
  };
}

function* pruneBatch(chain: number, position: number): Verb<number> {
  yield* change(pruneEvents, chain, position);
  return yield* change(pruneLinks, chain, position);
}

/** @returns how many events it gave a place; 0 too if another node was faster */
function* linkBatch(random: Random): Verb<number> {
  const taken = yield* rows<{ readonly seq: number }>(takeUnlinked);
  const [first, last] = [taken[0]?.seq, taken.at(-1)?.seq];
  if (first === undefined || last === undefined) return 0;
  const isTaken = new Set(taken.map(({ seq }) => seq));
  const read = yield* rows<AuditEventColumns>(readEvents, first, last);
  const chain = (yield* row<ChainPlace>(takeChain)) ?? (yield* beginChain());
  if (chain === undefined) return 0;
  let place: ChainPlace = chain;
  const steps: Step[] = [];
  for (const columns of read) {
    if (!isTaken.has(columns.seq)) continue;
    const event = toAuditEvent(columns);
    const salt = random(16);
    const personal = personalDigest(event, salt);
    const digest = eventDigest(event, personal);
    place = { ...place, position: place.position + 1, link: nextLink(place.link, digest) };
    const of = [place.chain, place.position, columns.seq, event.at] as const;
    steps.push(step(addLink, ...of, digest, salt, personal, place.link));
  }
  yield* lastly(
    ...steps,
    ...taken.map(({ seq }) => step(forgetUnlinked, seq)),
    step(moveChain, place.chain, place.position, place.link),
  );
  return steps.length;
}

/** Undefined if another node began it just now. */
function* beginChain(): Verb<ChainPlace | undefined> {
  const newest = yield* row<{ readonly chain: number | null }>(newestChain);
  const chain = (newest?.chain ?? 0) + 1;
  const place = { chain, position: 0, link: beginningOf(chain) };
  const added = yield* change(addChain, chain, place.position, place.link);
  return added === 1 ? place : undefined;
}

function toLinkedEvent(columns: LinkColumns): LinkedEvent {
  const { chain, position, link_digest: digest, salt, personal_digest: personal, link: value } = columns;
  const place = { chain, position, digest, personalDigest: personal, link: value };
  const linked = { link: salt === null ? place : { ...place, salt } };
  // Of a row that is gone the join gives nothing.
  // oxlint-disable-next-line typescript/no-unnecessary-condition -- as above
  return columns.id === null ? linked : { ...linked, event: toAuditEvent(columns) };
}

function toAnchor(columns: AnchorColumns): AuditAnchor {
  const { number, at, heads, floors, pruned_before: prunedBefore, previous, seal } = columns;
  return { number, at, heads: toPlaces(heads), floors: toPlaces(floors), prunedBefore, previous, seal };
}

/** As `placesText` wrote them. */
function toPlaces(stored: string): readonly ChainPlace[] {
  return fromJson<readonly (readonly [number, number, string])[]>(stored).map(([chain, position, link]) => ({
    chain,
    position,
    link: new Uint8Array(Buffer.from(link, 'base64url')),
  }));
}
