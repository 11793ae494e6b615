/**
 * Limits of what must not be tried or done too often: guesses, mails, registrations. Counted in the database, so that
 * they hold however many nodes there are. This is the list of all of them; each is a setting.
 * @spec OWASP ASVS 5.0 §2.4.1, §6.3.1; RFC 9110 §10.2.3
 */
import { hash } from 'node:crypto';
import type { CountedAttempts, FailedAttempts } from '../ports/failed-attempts.ts';
import type { Limit } from './limit.ts';

/** Each with what holds unless a setting says otherwise, and with what it counts. */
export const ATTEMPT_LIMITS = {
  sign_ins_per_account_and_address: ['10/15m', 'failed sign-ins of one account from one address'],
  sign_ins_per_account: ['100/15m', 'failed sign-ins of one account'],
  sign_ins_per_address: ['100/15m', 'failed sign-ins from one address'],
  codes_per_account: ['5/15m', 'tries at a code of the second step, of one account'],
  user_codes_per_account: ['5/1m', 'codes of devices that one person enters'],
  user_codes_per_address: ['5/1m', 'codes of devices that were wrong, from one address'],
  tries_per_user_code: ['10/10m', 'tries at the code of one device'],
  devices_per_address: ['100/1m', 'devices that ask for a code, from one address'],
  mails_per_recipient_and_address: ['3/15m', 'mails with a link to one address, asked for from one place'],
  mails_per_recipient: ['6/15m', 'mails with a link to one address'],
  mails_per_address: ['30/15m', 'mails with a link that are asked for from one place'],
  invitations_per_recipient: ['5/1h', 'invitations of one organization to one address'],
  invitations_per_inviter: ['50/1h', 'invitations by one person'],
  registrations_per_address: ['60/10m', 'apps that register themselves, from one address'],
  registrations_per_software: ['120/10m', 'apps that register themselves, of one program'],
  client_failures_per_client_and_address: ['20/1m', 'failed authentications of one app from one address'],
  client_failures_per_address: ['200/1m', 'failed authentications of apps from one address'],
  leak_reports_per_address: ['30/1m', 'reports of leaked tokens from one address'],
  leak_reports_per_client: ['600/1m', 'reports of leaked tokens by one app'],
} as const satisfies Readonly<Record<string, readonly [standard: string, what: string]>>;

export type AttemptLimitName = keyof typeof ATTEMPT_LIMITS;

/** Whom or what something is counted for, under each limit that it counts for. Only hashes of it are kept. */
export type Counted = Partial<Readonly<Record<AttemptLimitName, readonly string[]>>>;

export interface AttemptLimits {
  /**
   * Counts one more, or none at all where a limit is reached. Of those asked at the same time, on whatever nodes, no
   * more get through than the limit says.
   * @returns seconds until one more fits, or undefined when it was counted
   */
  take(counted: Counted, at: number): Promise<number | undefined>;
  /** Counts nothing. @returns seconds until one more fits, or undefined where one fits now */
  wait(counted: Counted, at: number): Promise<number | undefined>;
  /** Counts one more, whether or not it fits. */
  record(counted: Counted, at: number): Promise<void>;
  /** After a success. */
  forget(counted: Counted): Promise<void>;
}

/** Every method: @throws StoreUnavailable */
export function createAttemptLimits(
  attempts: FailedAttempts,
  limits: Readonly<Record<AttemptLimitName, Limit>>,
): AttemptLimits {
  const attemptsOf = (counted: Counted): readonly CountedAttempts[] =>
    entriesOf(counted).map(([name, of]) => {
      const { count, seconds } = limits[name];
      return { key: keyOf(name, of), limit: count, windowMs: seconds * 1000 };
    });
  return {
    take: async (counted, at) => secondsUntil(await attempts.take(attemptsOf(counted), at), at),
    wait: async (counted, at) => secondsUntil(await attempts.freeAt(attemptsOf(counted), at), at),
    record: (counted, at) => attempts.record(keysOf(counted), at),
    forget: (counted) => attempts.clear(keysOf(counted)),
  };
}

function entriesOf(counted: Counted): readonly (readonly [AttemptLimitName, readonly string[]])[] {
  return Object.entries(counted) as [AttemptLimitName, readonly string[]][];
}

function keysOf(counted: Counted): readonly string[] {
  return entriesOf(counted).map(([name, of]) => keyOf(name, of));
}

function secondsUntil(freeAt: number | undefined, at: number): number | undefined {
  return freeAt === undefined ? undefined : Math.max(1, Math.ceil((freeAt - at) / 1000));
}

function keyOf(name: AttemptLimitName, of: readonly string[]): string {
  return hash('sha256', JSON.stringify([name, ...of]), 'base64url');
}
