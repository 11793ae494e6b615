/** Keeps in mind when grants last got a token, and writes it down now and then: no request waits for it. */
import type { Connections } from '../ports/connections.ts';

export interface GrantUses {
  /** @param at milliseconds */
  note(grantId: string, at: number): void;
  /** One write for all that were used since the last time. */
  writeDown(): Promise<void>;
}

const BATCH = 200;

/** A first token is as old as its grant, which says so itself. */
export function createGrantUses(store: Pick<Connections, 'recordUses'>): GrantUses {
  let noted = new Map<string, number>();
  return {
    note(grantId, at) {
      noted.set(grantId, at);
    },
    async writeDown() {
      if (noted.size === 0) return;
      const uses = noted;
      noted = new Map();
      try {
        const all = [...uses].map(([grantId, at]) => ({ grantId, at }));
        for (let done = 0; done < all.length; done += BATCH) {
          // oxlint-disable-next-line no-await-in-loop -- a small write at a time, so that no token waits long behind it
          await store.recordUses(all.slice(done, done + BATCH));
        }
      } catch (error) {
        for (const [grantId, at] of uses) if (!noted.has(grantId)) noted.set(grantId, at);
        throw error;
      }
    },
  };
}
