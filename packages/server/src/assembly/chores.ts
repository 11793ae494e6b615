/** Work of each node for itself, in slack time. What one node does for all is in duty.ts. */
import type { Foundation } from './foundation.ts';

/** A key that was retired on another node must not go on signing here: nobody would take what it signs. */
const KEYS_EVERY_MS = 1000;

const SECRET_USES_EVERY_MS = 60_000;

const REFUSALS_EVERY_MS = 1000;

/** An event can be changed unnoticed until it has its place in a chain. */
const AUDIT_LINKS_EVERY_MS = 1000;

/** Keeps the keys fresh, and writes down what was noted in memory. */
export function startChores(foundation: Foundation): () => void {
  const { parts, keyRing, secretUses, refusalLog, auditLog } = foundation;
  const { logger } = parts;
  const chore = (name: string, run: () => Promise<unknown>) => (): void => {
    run().catch((error: unknown) => logger.warn({ error, chore: name }, 'a chore failed; it will run again'));
  };
  const timers = [
    setInterval(
      chore('keys', () => keyRing.refresh()),
      KEYS_EVERY_MS,
    ),
    setInterval(
      chore('secret uses', () =>
        Promise.all([secretUses.writeDown(), foundation.clientTokenUses.writeDown()]),
      ),
      SECRET_USES_EVERY_MS,
    ),
    setInterval(
      chore('refusals', () => refusalLog.writeDown()),
      REFUSALS_EVERY_MS,
    ),
    setInterval(
      chore('audit links', () => auditLog.link()),
      AUDIT_LINKS_EVERY_MS,
    ),
  ];
  for (const timer of timers) timer.unref();
  return () => timers.forEach(clearInterval);
}
