/**
 * What failed sign-ins count for: account, address, and both together, so that neither one account nor many can be
 * tried out, and nobody can lock a person out of a place they sign in from.
 * @spec OWASP ASVS 5.0 §6.3.1
 */
import type { Counted } from '../limits/attempt-limits.ts';
import { countedAddress } from '../limits/counted-address.ts';

export type CountedSignIns = Counted &
  Required<
    Pick<Counted, 'sign_ins_per_account_and_address' | 'sign_ins_per_account' | 'sign_ins_per_address'>
  >;

/** `email` in its normal form (domain/user); `address` as the socket or the trusted proxy gave it. */
export function signInsOf(email: string, address: string): CountedSignIns {
  const from = countedAddress(address);
  return {
    sign_ins_per_account_and_address: [email, from],
    sign_ins_per_account: [email],
    sign_ins_per_address: [from],
  };
}

/** What a success makes forgotten: the failures of this account at this address. */
export function onlyHere({ sign_ins_per_account_and_address: here }: CountedSignIns): Counted {
  return { sign_ins_per_account_and_address: here };
}
