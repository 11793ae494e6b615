import type { AccessTokens } from './access-tokens.ts';
import type { Agents } from './agents.ts';
import type { Audit } from './audit.ts';
import type { ClientSecretUses } from './client-secret-uses.ts';
import type { Clients } from './clients.ts';
import type { Connections } from './connections.ts';
import type { Consents } from './consents.ts';
import type { DeviceAuthorizations } from './device-authorizations.ts';
import type { Endings } from './endings.ts';
import type { FailedAttempts } from './failed-attempts.ts';
import type { Grants } from './grants.ts';
import type { InitialAccessTokens } from './initial-access-tokens.ts';
import type { LinkedIdentities } from './linked-identities.ts';
import type { LogoutNotices } from './logout-notices.ts';
import type { Maintenance } from './maintenance.ts';
import type { Organizations } from './organizations.ts';
import type { PushedRequests } from './pushed-requests.ts';
import type { RefreshTokens } from './refresh-tokens.ts';
import type { Refusals } from './refusals.ts';
import type { Registrations } from './registrations.ts';
import type { Resources } from './resources.ts';
import type { SealedSecrets } from './sealed-secrets.ts';
import type { Sessions } from './sessions.ts';
import type { SigningKeys } from './signing-keys.ts';
import type { Statuses } from './statuses.ts';
import type { TrustedIssuers } from './trusted-issuers.ts';
import type { UsedIdentifiers } from './used-identifiers.ts';
import type { Users } from './users.ts';

/** What a database adapter gives; the composition root hands each rule only the ports it needs. */
export interface Store {
  readonly organizations: Organizations;
  readonly users: Users;
  readonly clients: Clients;
  readonly registrations: Registrations;
  readonly initialAccessTokens: InitialAccessTokens;
  readonly clientSecretUses: ClientSecretUses;
  readonly resources: Resources;
  readonly signingKeys: SigningKeys;
  readonly sessions: Sessions;
  readonly consents: Consents;
  readonly connections: Connections;
  readonly agents: Agents;
  readonly grants: Grants;
  readonly refreshTokens: RefreshTokens;
  readonly accessTokens: AccessTokens;
  readonly statuses: Statuses;
  readonly endings: Endings;
  readonly pushedRequests: PushedRequests;
  readonly logoutNotices: LogoutNotices;
  readonly sealedSecrets: SealedSecrets;
  readonly usedIdentifiers: UsedIdentifiers;
  readonly deviceAuthorizations: DeviceAuthorizations;
  readonly trustedIssuers: TrustedIssuers;
  readonly linkedIdentities: LinkedIdentities;
  readonly audit: Audit;
  readonly refusals: Refusals;
  readonly failedAttempts: FailedAttempts;
  readonly maintenance: Maintenance;
  /** Rejects when the database does not answer. */
  ping(): Promise<void>;
  /** Waits for writes under way, then lets go of the database. */
  close(): Promise<void>;
}
