/**
 * When sessions end by themselves: so long after the sign-in, and when nobody used them for so long. Kept in mind when
 * each was last used and written down now and then, so that no request waits for it; exact to the minute, on all nodes.
 * @spec OWASP ASVS 5.0 §7.3.1, §7.3.2; NIST SP 800-63B-4 §2.1.3
 */
import type { Session } from '../domain/session.ts';
import type { Clock } from '../ports/clock.ts';
import type { Sessions } from '../ports/sessions.ts';

export interface SessionLifetimes {
  /** From the sign-in, whatever happens in between. */
  readonly absoluteMs: number;
  /** From the last use; 0: there is no such end. */
  readonly idleMs: number;
}

export interface BoundSessions {
  /** The same port, which knows no session that is over; finding one counts as using it, unless nobody is there. */
  readonly sessions: Sessions;
  /** All that were used since the last time, in writes of some hundreds. */
  writeDown(): Promise<void>;
}

/** What another node has seen may come into the database so much later. */
export const SIGHTING_DELAY_MS = 60_000;

/** One write may not hold up others for long. */
const BATCH = 250;

export function boundSessions(
  store: Sessions,
  { absoluteMs, idleMs }: SessionLifetimes,
  clock: Clock,
): BoundSessions {
  let seen = new Map<string, number>();
  /** As it is known here, with both of its ends. @returns undefined for one that is over */
  const bound = (session: Session, now: number): Session | undefined => {
    const { authTime, createdAt, lastSeenAt = createdAt } = session;
    const usedAt = Math.max(seen.get(session.id) ?? 0, lastSeenAt);
    const absoluteEnd = Math.min(session.expiresAt, authTime + absoluteMs);
    const idleEnd = idleMs === 0 ? Infinity : usedAt + idleMs;
    if (now >= absoluteEnd || now >= idleEnd + SIGHTING_DELAY_MS) return undefined;
    return { ...session, expiresAt: absoluteEnd, ...(idleMs === 0 ? {} : { idleEndsAt: idleEnd }) };
  };
  return {
    sessions: {
      ...store,
      absoluteMs,
      async find(id, now, unattended = false) {
        const found = await store.find(id, now);
        const session = found && bound(found, now);
        if (session === undefined) return undefined;
        if (unattended) return session;
        seen.set(id, clock());
        return bound(session, now);
      },
      async listOf(userId, now) {
        return (await store.listOf(userId, now)).flatMap((session) => bound(session, now) ?? []);
      },
    },
    async writeDown() {
      if (seen.size === 0) return;
      const sightings = [...seen];
      seen = new Map();
      for (let start = 0; start < sightings.length; start += BATCH) {
        const batch = sightings.slice(start, start + BATCH).map(([id, at]) => ({ id, at }));
        try {
          // oxlint-disable-next-line no-await-in-loop -- others get their turn between two batches
          await store.recordSeen(batch);
        } catch (error) {
          for (const [id, at] of sightings.slice(start)) if (!seen.has(id)) seen.set(id, at);
          throw error;
        }
      }
    },
  };
}
