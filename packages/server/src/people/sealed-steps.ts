/**
 * What a person's way through the pages carries from one step to the next: sealed, so that nobody can make or change
 * one, bound to the browser (or caller) it was given to, and good for a while. It leaves no row.
 * @spec OWASP ASVS 5.0 §7.2.1, §6.3.4
 */
import { decodeBase64url, deriveKeys, open, type Random, seal, type SealingKey } from '@tessera/tokens';

export interface SealedSteps<Step extends { readonly expiresAt: number }> {
  /** Safe in a URL and a hidden field. `boundTo`: the value of the browser's binding cookie, or whatever stands for it. */
  seal(step: Step, boundTo: string): string;
  /** The step, if it was sealed here for this browser, and its time is not over. */
  open(sealed: string | undefined, boundTo: string | undefined, now: number): Step | undefined;
}

/** @param purpose what the sealing key is derived for: steps of one kind are never taken for another's */
export function createSealedSteps<Step extends { readonly expiresAt: number }>(
  purpose: 'passkey-challenge' | 'sign-in-step' | 'factor-enrolment' | 'upstream-sign-in',
  masterKey: SealingKey,
  random: Random,
): SealedSteps<Step> {
  const key = deriveKeys(masterKey, purpose);
  return {
    seal: (step, boundTo) =>
      Buffer.from(seal(key, Buffer.from(JSON.stringify(step)), boundTo, random)).toString('base64url'),
    open(sealed, boundTo, now) {
      if (sealed === undefined || boundTo === undefined) return undefined;
      // In one spelling only: nothing that was changed is good.
      const box = decodeBase64url(sealed);
      const opened = box && open(key, box, boundTo);
      if (opened === undefined) return undefined;
      const step = JSON.parse(Buffer.from(opened).toString('utf8')) as Step;
      return now < step.expiresAt ? step : undefined;
    },
  };
}
