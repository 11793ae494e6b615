/** How passwords are kept and compared: Argon2id. @spec RFC 9106 §4; OWASP's parameters: 19 MiB, 2 passes, 1 lane */
import { hash, verify } from '@node-rs/argon2';
import type { PasswordQueue } from './password-queue.ts';

const PASSWORD_MIN_BYTES = 8;
export const PASSWORD_MAX_BYTES = 1024;

/** 2 is Argon2id; the package's own enum is one that types cannot import in isolation. */
const ARGON2ID = { algorithm: 2, memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;

/**
 * The hash of random bytes that nobody kept. Where there is no hash, the password is checked against this one, so that
 * an account that does not exist takes as long to refuse as one that does.
 */
export const UNKNOWN_ACCOUNT_HASH =
  '$argon2id$v=19$m=19456,t=2,p=1$kUzWJfKClPVUpm0ndUBPXA$IPG4JSVzf/LPODLZbDCh43dr6ypRCZ5tv8Tv9YNEk2s';

export type PasswordFault = 'too_short' | 'too_long' | 'not_unicode';

export interface Passwords {
  /** The PHC string of a new password. @throws PasswordQueueFull, RangeError for one `validateNewPassword` refuses */
  hashPassword(password: string): Promise<string>;
  /** Whether the password is the one behind the hash; false, after the same time, if there is no hash. @throws PasswordQueueFull */
  verifyPassword(phc: string | undefined, password: string): Promise<boolean>;
}

/** Hashing happens on the thread pool, never on the main thread, and only as much at once as the queue lets through. */
export function createPasswords(queue: Pick<PasswordQueue, 'run'>): Passwords {
  return {
    async hashPassword(password) {
      const fault = validateNewPassword(password);
      if (fault) throw new RangeError(`password refused: ${fault}`);
      return await queue.run(() => hash(bytesOf(password), ARGON2ID));
    },

    async verifyPassword(phc, password) {
      const bytes = bytesOf(password);
      // Depends on what was typed alone, so it says nothing about the account.
      if (bytes.length > PASSWORD_MAX_BYTES) return false;
      const matches = await queue.run(() => verify(phc ?? UNKNOWN_ACCOUNT_HASH, bytes));
      return phc !== undefined && matches;
    },
  };
}

/** Why a new password is refused, or undefined for one that is fine. No rules of composition: length is what counts. */
export function validateNewPassword(password: string): PasswordFault | undefined {
  // Half a surrogate pair would become the same replacement character whichever half it is.
  if (!password.isWellFormed()) return 'not_unicode';
  const { length } = bytesOf(password);
  if (length < PASSWORD_MIN_BYTES) return 'too_short';
  if (length > PASSWORD_MAX_BYTES) return 'too_long';
  return undefined;
}

/** The whole password in UTF-8, NFC, so that an é typed on one keyboard is the é typed on another. */
function bytesOf(password: string): Uint8Array {
  return new TextEncoder().encode(password.normalize('NFC'));
}
