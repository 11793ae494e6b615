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

const SECRET_USES_EVERY_MS = 60_000;

const TOKEN_USES_EVERY_MS = 30_000;
/** A person waits for it. */
const MAIL_EVERY_MS = 1000;

const REFUSALS_EVERY_MS = 1000;
const OLD_REFUSALS_EVERY_MS = 60_000;

/** An event can be changed unnoticed until it has its place in a chain. */
const AUDIT_LINKS_EVERY_MS = 1000;
/** What was cut off the end is missed from the next anchor on. */
const AUDIT_ANCHORS_EVERY_MS = 60_000;
const OLD_AUDIT_EVENTS_EVERY_MS = 60 * 60_000;

/** Work that keeps the store small and the keys fresh, in slack time. */
export function startChores(foundation: Foundation): () => void {
  const { parts, clock, random, keyRing, tellApps, secretUses, refusalLog, auditLog, mail } = foundation;
  const { store, config, logger } = parts;
  const chore = (name: string, run: () => Promise<unknown>) => (): void => {
    run().catch((error: unknown) => logger.warn({ error, chore: name }, 'a chore failed; it will run again'));
  };
  const purge = chore('purge', () => store.maintenance.purge(clock(), config.refresh_token_grace * 1000));
  const sweep = chore('sweep', () => {
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
  });
  const every = (milliseconds: number, name: string, run: () => Promise<unknown>): NodeJS.Timeout =>
    setInterval(chore(name, run), milliseconds);
  const { delivery } = mail;
  const timers = [
    setInterval(sweep, SWEEP_EVERY_MS),
    setInterval(purge, PURGE_EVERY_MS),
    every(KEYS_EVERY_MS, 'keys', () => keyRing.refresh()),
    every(SECRET_USES_EVERY_MS, 'secret uses', () =>
      Promise.all([secretUses.writeDown(), foundation.clientTokenUses.writeDown()]),
    ),
    every(TOKEN_USES_EVERY_MS, 'token uses', () => foundation.personalTokens.lastUses.writeDown()),
    every(REFUSALS_EVERY_MS, 'refusals', () => refusalLog.writeDown()),
    every(OLD_REFUSALS_EVERY_MS, 'old refusals', () => refusalLog.purge()),
    every(AUDIT_LINKS_EVERY_MS, 'audit links', () => auditLog.link()),
    every(AUDIT_ANCHORS_EVERY_MS, 'audit anchors', () => auditLog.anchor()),
    every(OLD_AUDIT_EVENTS_EVERY_MS, 'old audit events', () => auditLog.prune()),
    setInterval(() => void tellApps(), LOGOUT_NOTICES_EVERY_MS),
    ...(delivery === undefined ? [] : [every(MAIL_EVERY_MS, 'mail', () => delivery.deliver())]),
  ];
  for (const timer of timers) timer.unref();
  return () => timers.forEach(clearInterval);
}
