/** Tells apps that sessions have ended, and the log where that failed. */
import type { LogoutNotices } from '../ports/logout-notices.ts';
import type { Logger } from '../observe/logs.ts';
import {
  type BackchannelLogoutDependencies,
  createBackchannelLogout,
} from '../protocol/backchannel-logout.ts';
import type { Outbounds } from './outbounds.ts';

export interface TellApps {
  /** Of one session, at once. Never rejects. */
  ofSession(sid: string): Promise<void>;
  /** Of all that are due; for the node on duty. @returns how many apps were tried */
  ofAll(through: Pick<LogoutNotices, 'claim'>): Promise<number>;
}

export type TellingDependencies = Omit<
  BackchannelLogoutDependencies,
  'outbound' | 'outboundToStrangers' | 'undelivered'
> & { readonly outbounds: Pick<Outbounds, 'notices' | 'noticesToStrangers'> };

export function createTellApps(
  { outbounds, ...dependencies }: TellingDependencies,
  logger: Logger,
): TellApps {
  const logout = createBackchannelLogout({
    ...dependencies,
    outbound: outbounds.notices,
    outboundToStrangers: outbounds.noticesToStrangers,
    undelivered: ({ clientId, attempts }, last) =>
      logger.warn({ clientId, attempts, last }, 'an app could not be told that a session has ended'),
  });
  return {
    ofSession: (sid) =>
      logout
        .ofSession(sid)
        .catch((error: unknown) => logger.warn({ error }, 'apps could not be told of a sign-out')),
    ofAll: (through) => logout.ofAll(through),
  };
}
