/** Keeps in mind when sessions were last seen, and writes it down now and then: no request waits for it. */
import type { Clock } from '../ports/clock.ts';
import type { Sessions } from '../ports/sessions.ts';

export interface SessionSightings {
  /** The same port; finding a session counts as seeing it. */
  readonly sessions: Sessions;
  /** One write for all that were seen since the last time. */
  writeDown(): Promise<void>;
}

export function watchSessions(store: Sessions, clock: Clock): SessionSightings {
  let seen = new Map<string, number>();
  return {
    sessions: {
      ...store,
      async find(id, now) {
        const session = await store.find(id, now);
        if (session !== undefined) seen.set(id, clock());
        return session;
      },
    },
    async writeDown() {
      if (seen.size === 0) return;
      const sightings = seen;
      seen = new Map();
      await store.recordSeen([...sightings].map(([id, at]) => ({ id, at })));
    },
  };
}
