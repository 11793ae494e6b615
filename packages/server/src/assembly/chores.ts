/** Work of each node for itself, in slack time. What one node does for all is in duty.ts. */
import type { Foundation } from './foundation.ts';

/** A key that was retired on another node must not go on signing here: nobody would take what it signs. */
const KEYS_EVERY_MS = 1000;

/** When something was last used; a minute is exact enough. */
const USES_EVERY_MS = 60_000;

/** A person who has just tried a token looks at what it says of it. */
const TOKEN_USES_EVERY_MS = 30_000;

const REFUSALS_EVERY_MS = 1000;

/** An event can be changed unnoticed until it has its place in a chain. */
const AUDIT_LINKS_EVERY_MS = 1000;

/** Figures are as old as this at most. */
const USAGE_EVERY_MS = 5000;

type Chore = readonly [name: string, everyMs: number, run: () => Promise<unknown>];

/** Keeps the keys fresh, and writes down what was noted in memory. */
export function startChores(foundation: Foundation): () => void {
  const { logger } = foundation.parts;
  const timers = choresOf(foundation).map(([name, everyMs, run]) => {
    const failed = (error: unknown): void =>
      logger.warn({ error, chore: name }, 'a chore failed; it will run again');
    let underWay = false;
    return setInterval(() => {
      // While the database hangs, one waits for it, not one after the other.
      if (underWay) return;
      underWay = true;
      void run()
        .catch(failed)
        .finally(() => {
          underWay = false;
        });
    }, everyMs);
  });
  for (const timer of timers) timer.unref();
  return () => timers.forEach(clearInterval);
}

function choresOf(foundation: Foundation): readonly Chore[] {
  const {
    keyRing,
    secretUses,
    clientTokenUses,
    grantUses,
    personalTokens,
    refusalLog,
    auditLog,
    usageCounts,
    sightings,
  } = foundation;
  return [
    ['keys', KEYS_EVERY_MS, () => keyRing.refresh()],
    ['secret uses', USES_EVERY_MS, () => secretUses.writeDown()],
    ['grant uses', USES_EVERY_MS, () => grantUses.writeDown()],
    ['client token uses', USES_EVERY_MS, () => clientTokenUses.writeDown()],
    ['token uses', TOKEN_USES_EVERY_MS, () => personalTokens.lastUses.writeDown()],
    ['session sightings', USES_EVERY_MS, () => sightings.writeDown()],
    ['refusals', REFUSALS_EVERY_MS, () => refusalLog.writeDown()],
    ['usage', USAGE_EVERY_MS, () => usageCounts.writeDown()],
    ['audit links', AUDIT_LINKS_EVERY_MS, () => auditLog.link()],
  ];
}
