/**
 * What asking for a mail counts for: the address it goes to, who asks, and both, whether or not there is an account:
 * so that nobody's mailbox is flooded, and nobody learns who has an account.
 * @spec OWASP ASVS 5.0 §2.4.1, §6.3.1
 */
import type { AttemptLimits } from '../limits/attempt-limits.ts';
import { countedAddress } from '../limits/counted-address.ts';

/**
 * Counts the request.
 * @param email in its normal form (domain/user)
 * @param address as the socket or the trusted proxy gave it
 * @returns seconds to wait, or undefined if a mail may go out
 */
export function takeMail(
  email: string,
  address: string,
  at: number,
  limits: Pick<AttemptLimits, 'take'>,
): Promise<number | undefined> {
  const asker = countedAddress(address);
  return limits.take(
    {
      mails_per_recipient_and_address: [email, asker],
      mails_per_recipient: [email],
      mails_per_address: [asker],
    },
    at,
  );
}
