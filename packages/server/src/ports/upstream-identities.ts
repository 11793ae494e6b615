import type { AuditEvent } from '../domain/audit-event.ts';
import type { SealedMail } from '../domain/mail-message.ts';
import type { UpstreamIdentity } from '../domain/identity-provider.ts';

/** Which account somebody of a provider has here, with the provider's own tokens. */
export interface UpstreamIdentities {
  find(providerId: string, subject: string): Promise<UpstreamIdentity | undefined>;
  ofUser(userId: string): Promise<readonly UpstreamIdentity[]>;
  /** One conditional write. @returns false if either side is linked with another already */
  link(identity: UpstreamIdentity, audit: AuditEvent, mails?: readonly SealedMail[]): Promise<boolean>;
  /** After a sign-in. Absent tokens stay what they were. */
  signedIn(identity: UpstreamIdentity, at: number, sealedTokens: Uint8Array | undefined): Promise<void>;
  /** Of many who see old tokens one refreshes them. @returns whether it is this one */
  claimRefresh(identity: UpstreamIdentity, until: number, at: number): Promise<boolean>;
  /** @returns false if others have been kept meanwhile, or the link is gone */
  keepTokens(identity: UpstreamIdentity, sealedTokens: Uint8Array): Promise<boolean>;
  /** The tokens go with the link. */
  unlink(providerId: string, userId: string, audit: AuditEvent): Promise<boolean>;
}
