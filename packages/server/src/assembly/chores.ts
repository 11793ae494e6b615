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

/** A person waits for it. */
const MAIL_EVERY_MS = 1000;

const REFUSALS_EVERY_MS = 1000;
const OLD_REFUSALS_EVERY_MS = 60_000;

/** An event can be changed unnoticed until it has its place in a chain. */
const AUDIT_LINKS_EVERY_MS = 1000;
/** What was cut off the end is missed from the next anchor on. */
const AUDIT_ANCHORS_EVERY_MS = 60_000;
const OLD_AUDIT_EVENTS_EVERY_MS = 60 * 60_000;

/** Figures are as old as this at most. */
const USAGE_EVERY_MS = 5000;
const OLD_USAGE_EVERY_MS = 10 * 60_000;

/** Work that keeps the store small and the keys fresh, in slack time. */
export function startChores(foundation: Foundation): () => void {
  const { parts, clock, random, keyRing, tellApps, secretUses, refusalLog, mail } = foundation;
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
          reason: 'unused',
        },
        random,
      ),
    );
  });
  const timers = [
    setInterval(sweep, SWEEP_EVERY_MS),
    setInterval(purge, PURGE_EVERY_MS),
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
      chore('old refusals', () => refusalLog.purge()),
      OLD_REFUSALS_EVERY_MS,
    ),
    ...recordKeeping(foundation).map(([name, everyMs, run]) => setInterval(chore(name, run), everyMs)),
    setInterval(() => void tellApps(), LOGOUT_NOTICES_EVERY_MS),
    ...(mail.delivery === undefined
      ? []
      : [
          setInterval(
            chore('mail', async () => mail.delivery?.deliver()),
            MAIL_EVERY_MS,
          ),
        ]),
  ];
  for (const timer of timers) timer.unref();
  return () => timers.forEach(clearInterval);
}

/** Of the audit log and of the figures. */
function recordKeeping({
  auditLog,
  usageCounts,
}: Foundation): readonly (readonly [name: string, everyMs: number, run: () => Promise<unknown>])[] {
  return [
    ['audit links', AUDIT_LINKS_EVERY_MS, () => auditLog.link()],
    ['audit anchors', AUDIT_ANCHORS_EVERY_MS, () => auditLog.anchor()],
    ['old audit events', OLD_AUDIT_EVENTS_EVERY_MS, () => auditLog.prune()],
    ['usage', USAGE_EVERY_MS, () => usageCounts.writeDown()],
    ['old usage', OLD_USAGE_EVERY_MS, () => usageCounts.purge()],
  ];
}
