/**
 * How many failed sign-ins are too many, counted by account, by address, and by both together, so that neither one
 * account nor many can be tried out, and nobody can lock a person out of a place they sign in from.
 * @spec OWASP ASVS 5.0 §6.3.1
 */
import { hash } from 'node:crypto';
import { isIPv4, isIPv6 } from 'node:net';
import type { FailedAttempts } from '../ports/failed-attempts.ts';

export const FAILED_SIGN_IN_WINDOW_MS = 15 * 60 * 1000;

/** Waits people are told, shortest first: the first after which enough failures have left the window. */
const RETRY_STEPS_SECONDS = [60, 180, 300, 600] as const;

/** The keys failures are counted under: hashes, in the order account + address, account, address. */
export type SignInKeys = readonly [string, string, string];

/** In the order of the keys. */
const LIMITS: readonly [accountAndAddress: number, account: number, address: number] = [10, 100, 100];

/** `email` in its normal form (domain/user); `address` as the socket or the trusted proxy gave it. */
export function signInKeys(email: string, address: string): SignInKeys {
  const from = countedAddress(address);
  return [keyOf('account+address', email, from), keyOf('account', email), keyOf('address', from)];
}

/** Seconds to wait, or undefined while every count is below its limit. */
export async function tooManyFailures(
  keys: SignInKeys,
  at: number,
  failedAttempts: Pick<FailedAttempts, 'count'>,
): Promise<number | undefined> {
  if (!(await limitReached(keys, at - FAILED_SIGN_IN_WINDOW_MS, failedAttempts))) return undefined;
  for (const seconds of RETRY_STEPS_SECONDS) {
    const since = at - FAILED_SIGN_IN_WINDOW_MS + seconds * 1000;
    if (!(await limitReached(keys, since, failedAttempts))) return seconds;
  }
  return FAILED_SIGN_IN_WINDOW_MS / 1000;
}

async function limitReached(
  keys: SignInKeys,
  since: number,
  failedAttempts: Pick<FailedAttempts, 'count'>,
): Promise<boolean> {
  const counts = await failedAttempts.count(keys, since);
  // A count that is missing is no permission.
  return LIMITS.some((limit, index) => (counts[index] ?? limit) >= limit);
}

/**
 * What counts as one address: an IPv4 address, or the /64 of an IPv6 address, because a network hands each household
 * or machine at least that much. An IPv4 address written in IPv6 is the IPv4 address.
 */
export function countedAddress(address: string): string {
  if (isIPv4(address)) return address;
  const [withoutZone = ''] = address.split('%');
  if (!isIPv6(withoutZone)) return address;
  const groups = ipv6Groups(withoutZone);
  if (groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff) {
    const [high = 0, low = 0] = groups.slice(6);
    return [high >> 8, high & 255, low >> 8, low & 255].join('.');
  }
  return `${groups
    .slice(0, 4)
    .map((group) => group.toString(16))
    .join(':')}::/64`;
}

/** The eight numbers of an address that `isIPv6` accepted. URL writes any spelling in the same, hexadecimal one. */
function ipv6Groups(address: string): number[] {
  const [head = '', tail] = new URL(`http://[${address}]/`).hostname.slice(1, -1).split('::');
  const first = parseGroups(head);
  if (tail === undefined) return first;
  const last = parseGroups(tail);
  return [...first, ...Array.from({ length: 8 - first.length - last.length }, () => 0), ...last];
}

function parseGroups(part: string): number[] {
  return part === '' ? [] : part.split(':').map((group) => Number.parseInt(group, 16));
}

function keyOf(kind: string, ...parts: readonly string[]): string {
  return hash('sha256', JSON.stringify(['sign-in', kind, ...parts]), 'base64url');
}
