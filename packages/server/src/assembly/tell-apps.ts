/** Tells apps that sessions have ended, and the log where that failed. */
import type { Logger } from '../observe/logs.ts';
import {
  type BackchannelLogoutDependencies,
  createBackchannelLogout,
} from '../protocol/backchannel-logout.ts';

/** Of one session, or of all that are due. Never rejects. */
export type TellApps = (sid?: string) => Promise<void>;

export function createTellApps(
  dependencies: Omit<BackchannelLogoutDependencies, 'undelivered'>,
  logger: Logger,
): TellApps {
  const deliver = createBackchannelLogout({
    ...dependencies,
    undelivered: ({ clientId, attempts }, last) =>
      logger.warn({ clientId, attempts, last }, 'an app could not be told that a session has ended'),
  });
  return (sid) =>
    deliver(sid).catch((error: unknown) => logger.warn({ error }, 'apps could not be told of a sign-out'));
}
