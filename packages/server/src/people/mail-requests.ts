/**
 * How many mails anybody may ask for, counted by the address they go to, by who asks, and by both, whether or not
 * there is an account: so that nobody's mailbox is flooded, and nobody learns who has an account.
 * @spec OWASP ASVS 5.0 §2.4.1, §6.3.1
 */
import { hash } from 'node:crypto';
import type { FailedAttempts } from '../ports/failed-attempts.ts';
import { countedAddress } from './failed-sign-ins.ts';

export const MAIL_REQUEST_WINDOW_MS = 15 * 60 * 1000;

/** In the order of the keys: recipient + asker, recipient, asker. */
const LIMITS = [3, 6, 30] as const;

export type MailRequestCounts = Pick<FailedAttempts, 'record' | 'count'>;

/**
 * Counts the request.
 * @param email in its normal form (domain/user)
 * @param address as the socket or the trusted proxy gave it
 * @returns seconds to wait, or undefined if a mail may go out
 */
export async function tooManyMails(
  email: string,
  address: string,
  at: number,
  counts: MailRequestCounts,
): Promise<number | undefined> {
  const asker = countedAddress(address);
  const keys = [keyOf('to+from', email, asker), keyOf('to', email), keyOf('from', asker)];
  if (await limitReached(keys, at, 0, counts)) return MAIL_REQUEST_WINDOW_MS / 1000;
  await counts.record(keys, at);
  // Requests sent side by side all pass the first look; by now each of them has been counted.
  return (await limitReached(keys, at, 1, counts)) ? MAIL_REQUEST_WINDOW_MS / 1000 : undefined;
}

/** @param own how many of those counted are this request itself */
async function limitReached(
  keys: readonly string[],
  at: number,
  own: number,
  counts: MailRequestCounts,
): Promise<boolean> {
  const found = await counts.count(keys, at - MAIL_REQUEST_WINDOW_MS);
  // A count that is missing is no permission.
  return LIMITS.some((limit, index) => (found[index] ?? Number.POSITIVE_INFINITY) - own >= limit);
}

function keyOf(kind: string, ...parts: readonly string[]): string {
  return hash('sha256', JSON.stringify(['mail', kind, ...parts]), 'base64url');
}
