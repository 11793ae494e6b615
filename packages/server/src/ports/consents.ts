import type { Consent } from '../domain/consent.ts';

export interface Consents {
  find(userId: string, clientId: string, resourceId: string | undefined): Promise<Consent | undefined>;
  /** Forgets what the person agreed to for this client, on every API. */
  forget(userId: string, clientId: string): Promise<void>;
}
