import type { X509Certificate } from 'node:crypto';
import type { VerificationKey } from '@tessera/tokens';
import type { Client } from '../domain/client.ts';

type Found = VerificationKey | undefined;

/** Whose keys they are: a client, or whoever else publishes keys in the same way. */
export type KeyOwner = Pick<Client, 'metadata'> & Partial<Pick<Client, 'registeredBy'>>;

/** The public keys that clients registered. */
export interface ClientKeys {
  /**
   * The one key that fits. Answers at once where the keys are at hand.
   * @param kid may be left out only where a single key fits the algorithm (OpenID Connect Core §10.1)
   * @param at milliseconds
   */
  find(client: KeyOwner, kid: string | undefined, alg: string, at: number): Found | Promise<Found>;
  /** Whether the certificate, or at least its key, is one of the client's. @param at milliseconds */
  hasCertificate(client: Client, certificate: X509Certificate, at: number): boolean | Promise<boolean>;
}
