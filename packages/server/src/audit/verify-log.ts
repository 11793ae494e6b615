/**
 * Reads the whole audit log again and says what is not as it was written: events that were changed, removed, inserted
 * or put in another order, and an end that was cut off.
 */
import type { AuditAnchor, ChainPlace } from '../domain/audit-chain.ts';
import type { AuditChain, LinkedEvent } from '../ports/audit-chain.ts';
import { anchorText, isSealed, placesText } from './anchor.ts';
import { beginningOf, nextLink } from './chain.ts';
import { eventDigest, personalDigest } from './event-digest.ts';

export interface AuditFinding {
  readonly kind: 'changed' | 'removed' | 'inserted' | 'reordered' | 'cut' | 'anchor';
  /** Where: an event's id, a place in a chain, an anchor's number. */
  readonly where: string;
}

export interface AuditReport {
  /** Events that were read and have a place. */
  readonly events: number;
  /** Those of them whose personal facts were erased. */
  readonly erased: number;
  readonly anchors: number;
  /** To be kept elsewhere: a log that was cut later does not have it. */
  readonly newestAnchor?: string;
  /** At most `FINDINGS_AT_MOST`. */
  readonly findings: readonly AuditFinding[];
}

export interface VerifyLog {
  readonly chain: AuditChain;
  readonly key: Uint8Array;
  /** An anchor that was kept elsewhere. */
  readonly known?: Pick<AuditAnchor, 'number' | 'seal'>;
}

export const FINDINGS_AT_MOST = 100;
const PAGE = 1000;
/** What is old goes once an hour; somebody who makes it look so each time is to be found all the same. */
const READINGS_AT_MOST = 3;

/** What goes, by the rules, while it is read is no finding: then it is read again. */
export async function verifyLog(log: VerifyLog): Promise<AuditReport> {
  for (let readings = 1; ; readings += 1) {
    // oxlint-disable-next-line no-await-in-loop -- one reading after the other
    const before = await beginningNow(log.chain);
    // oxlint-disable-next-line no-await-in-loop -- as above
    const report = await readLog(log);
    if (report.findings.length === 0 || readings === READINGS_AT_MOST) return report;
    // oxlint-disable-next-line no-await-in-loop -- as above
    if ((await beginningNow(log.chain)) === before) return report;
  }
}

/** Where the log begins now: its first anchor, and the places up to which its chains are gone. */
async function beginningNow(chain: VerifyLog['chain']): Promise<string> {
  const [[first], newest] = await Promise.all([chain.anchors(0, 1), chain.newestAnchor()]);
  return `${first?.number ?? 0} ${placesText(newest?.floors ?? [])}`;
}

async function readLog({ chain, key, known }: VerifyLog): Promise<AuditReport> {
  const findings: AuditFinding[] = [];
  const find = (kind: AuditFinding['kind'], where: string): void => {
    if (findings.length < FINDINGS_AT_MOST) findings.push({ kind, where });
  };
  const heads = await chain.heads();
  const anchored = await readAnchors({ chain, key, ...(known && { known }) }, find);
  const { newest } = anchored;
  const floors = new Map(newest?.floors.map((each) => [each.chain, each]));
  const chains = new Set([...heads, ...(newest?.heads ?? [])].map((place) => place.chain));
  let events = 0;
  let erased = 0;
  for (const each of chains) {
    const floor = floors.get(each) ?? { chain: each, position: 0, link: beginningOf(each) };
    // oxlint-disable-next-line no-await-in-loop -- one chain after the other, so that it stays in the background
    const read = await readChain(chain, floor, anchored.places.get(each) ?? new Map(), find);
    events += read.events;
    erased += read.erased;
  }
  for (const id of await chain.strays(FINDINGS_AT_MOST)) find('inserted', `event ${id}`);
  return {
    events,
    erased,
    anchors: anchored.count,
    ...(newest !== undefined && { newestAnchor: anchorText(newest) }),
    findings,
  };
}

type Find = (kind: AuditFinding['kind'], where: string) => void;
/** By chain, then by position. */
type AnchoredPlaces = Map<number, Map<number, Uint8Array>>;

interface ReadAnchors {
  readonly count: number;
  readonly newest?: AuditAnchor;
  readonly places: AnchoredPlaces;
}

async function readAnchors({ chain, key, known }: VerifyLog, find: Find): Promise<ReadAnchors> {
  const places: AnchoredPlaces = new Map();
  let first: AuditAnchor | undefined;
  let previous: AuditAnchor | undefined;
  let newest: AuditAnchor | undefined;
  let count = 0;
  let isKnownSeen = known === undefined;
  const read = (anchor: AuditAnchor): void => {
    count += 1;
    first ??= anchor;
    const where = `anchor ${anchor.number}`;
    const follows =
      previous === undefined
        ? anchor.number === 1 || anchor.prunedBefore > 0
        : anchor.number === previous.number + 1 && isSame(anchor.previous, previous.seal);
    if (known?.number === anchor.number && isSame(known.seal, anchor.seal)) isKnownSeen = true;
    if (!follows) find('anchor', `${where}: one before it is gone`);
    previous = anchor;
    if (!isSealed(key, anchor)) {
      find('anchor', where);
      return;
    }
    newest = anchor;
    for (const head of anchor.heads) {
      const ofChain = places.get(head.chain) ?? new Map<number, Uint8Array>();
      places.set(head.chain, ofChain.set(head.position, head.link));
    }
  };
  for (let after = 0; ; ) {
    // oxlint-disable-next-line no-await-in-loop -- page after page
    const page = await chain.anchors(after, PAGE);
    page.forEach(read);
    after = page.at(-1)?.number ?? after;
    if (page.length < PAGE) break;
  }
  // Older anchors go with what they were about.
  const oldest = newest !== undefined && newest.prunedBefore > 0 ? (first?.number ?? 0) : 0;
  if (known !== undefined && !isKnownSeen && known.number >= oldest) find('cut', `anchor ${known.number}`);
  return { count, ...(newest !== undefined && { newest }), places };
}

async function readChain(
  chain: AuditChain,
  floor: ChainPlace,
  anchored: ReadonlyMap<number, Uint8Array>,
  find: Find,
): Promise<{ readonly events: number; readonly erased: number }> {
  let last = floor;
  let events = 0;
  let erased = 0;
  for (;;) {
    // oxlint-disable-next-line no-await-in-loop -- page after page
    const page = await chain.links(floor.chain, last.position, PAGE);
    for (const linked of page) {
      checkLink(linked, last, anchored, find);
      last = linked.link;
      events += 1;
      if (linked.link.salt === undefined) erased += 1;
    }
    if (page.length < PAGE) break;
  }
  const end = Math.max(0, ...anchored.keys());
  if (end > last.position) find('cut', `chain ${floor.chain}, from ${last.position + 1} to ${end}`);
  return { events, erased };
}

function checkLink(
  { link, event }: LinkedEvent,
  last: ChainPlace,
  anchored: ReadonlyMap<number, Uint8Array>,
  find: Find,
): void {
  const where = `chain ${link.chain}, place ${link.position}`;
  if (link.position !== last.position + 1) {
    find('removed', `chain ${link.chain}, from ${last.position + 1} to ${link.position - 1}`);
  } else if (!isSame(link.link, nextLink(last.link, link.digest))) {
    find('reordered', where);
  }
  const anchor = anchored.get(link.position);
  if (anchor !== undefined && !isSame(anchor, link.link)) find('cut', `${where}, and written anew`);
  if (event === undefined) find('removed', where);
  else if (!isAsWritten(link, event)) find('changed', `${where}, event ${event.id}`);
}

function isAsWritten(
  { digest, salt, personalDigest: personal }: LinkedEvent['link'],
  event: NonNullable<LinkedEvent['event']>,
): boolean {
  const isPersonalAsWritten =
    salt === undefined
      ? event.address === undefined && event.personal === undefined
      : isSame(personal, personalDigest(event, salt));
  return isPersonalAsWritten && isSame(digest, eventDigest(event, personal));
}

function isSame(one: Uint8Array, other: Uint8Array): boolean {
  return Buffer.compare(one, other) === 0;
}
