/** Work in slack time. */
import { auditEvent } from '../protocol/audit-event.ts';
import type { Foundation } from './foundation.ts';

const PURGE_EVERY_MS = 10_000;

/** Apps that registered themselves and are not used. */
const SWEEP_EVERY_MS = 10 * 60_000;

/** What could not be told to an app at once is tried again. */
const LOGOUT_NOTICES_EVERY_MS = 5000;

/** A key that was retired on another node must not go on signing here: nobody would take what it signs. */
const KEYS_EVERY_MS = 1000;

/** When something was last used; a minute is exact enough. */
const USES_EVERY_MS = 60_000;

/** A person waits for it. */
const MAIL_EVERY_MS = 1000;

const REFUSALS_EVERY_MS = 1000;
const OLD_REFUSALS_EVERY_MS = 60_000;

/** An event can be changed unnoticed until it has its place in a chain. */
const AUDIT_LINKS_EVERY_MS = 1000;
/** What was cut off the end is missed from the next anchor on. */
const AUDIT_ANCHORS_EVERY_MS = 60_000;
const OLD_AUDIT_EVENTS_EVERY_MS = 60 * 60_000;

type Chore = readonly [name: string, everyMs: number, run: () => Promise<unknown>];

/** Work that keeps the store small and the keys fresh, in slack time. */
export function startChores(foundation: Foundation): () => void {
  const { logger } = foundation.parts;
  const timers = choresOf(foundation).map(([name, everyMs, run]) => {
    const failed = (error: unknown): void =>
      logger.warn({ error, chore: name }, 'a chore failed; it will run again');
    return setInterval(() => void run().catch(failed), everyMs);
  });
  for (const timer of timers) timer.unref();
  return () => timers.forEach(clearInterval);
}

function choresOf(foundation: Foundation): readonly Chore[] {
  const { parts, clock, keyRing, secretUses, clientTokenUses, refusalLog, auditLog, sightings } = foundation;
  const { store, config } = parts;
  const { delivery } = foundation.mail;
  return [
    ['sweep', SWEEP_EVERY_MS, () => sweepRegistrations(foundation)],
    ['purge', PURGE_EVERY_MS, () => store.maintenance.purge(clock(), config.refresh_token_grace * 1000)],
    ['keys', KEYS_EVERY_MS, () => keyRing.refresh()],
    ['secret uses', USES_EVERY_MS, () => secretUses.writeDown()],
    ['client token uses', USES_EVERY_MS, () => clientTokenUses.writeDown()],
    ['session sightings', USES_EVERY_MS, () => sightings.writeDown()],
    ['refusals', REFUSALS_EVERY_MS, () => refusalLog.writeDown()],
    ['old refusals', OLD_REFUSALS_EVERY_MS, () => refusalLog.purge()],
    ['audit links', AUDIT_LINKS_EVERY_MS, () => auditLog.link()],
    ['audit anchors', AUDIT_ANCHORS_EVERY_MS, () => auditLog.anchor()],
    ['old audit events', OLD_AUDIT_EVENTS_EVERY_MS, () => auditLog.prune()],
    ['logout notices', LOGOUT_NOTICES_EVERY_MS, () => foundation.tellApps()],
    ['mail', MAIL_EVERY_MS, async () => delivery?.deliver()],
  ];
}

/** Apps that registered themselves, and that nobody has used for a while. */
function sweepRegistrations({ parts, clock, random }: Foundation): Promise<unknown> {
  const { store, config } = parts;
  const at = clock();
  const unusedSince = at - config.unused_registration_lifetime * 1000;
  return store.registrations.sweep(unusedSince, at, (clientId) =>
    auditEvent(
      { at, requestId: 'sweep', address: '' },
      {
        type: 'client.deleted',
        outcome: 'success',
        actor: 'system',
        clientId,
        detail: { reason: 'unused' },
      },
      random,
    ),
  );
}
