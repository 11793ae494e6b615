import type { Fence } from '../domain/duty.ts';
import type { AccessTokens } from './access-tokens.ts';
import type { Agents } from './agents.ts';
import type { AuditChain } from './audit-chain.ts';
import type { Audit } from './audit.ts';
import type { ClientSecretUses } from './client-secret-uses.ts';
import type { ClientTokens } from './client-tokens.ts';
import type { Clients } from './clients.ts';
import type { Connections } from './connections.ts';
import type { Cluster } from './cluster.ts';
import type { Consents } from './consents.ts';
import type { DeviceAuthorizations } from './device-authorizations.ts';
import type { Endings } from './endings.ts';
import type { FailedAttempts } from './failed-attempts.ts';
import type { Grants } from './grants.ts';
import type { IdentityProviders } from './identity-providers.ts';
import type { InitialAccessTokens } from './initial-access-tokens.ts';
import type { Invitations } from './invitations.ts';
import type { LeakedTokens } from './leaked-tokens.ts';
import type { LinkedIdentities } from './linked-identities.ts';
import type { LogoutNotices } from './logout-notices.ts';
import type { MailLinks } from './mail-links.ts';
import type { Maintenance } from './maintenance.ts';
import type { Memberships } from './memberships.ts';
import type { Organizations } from './organizations.ts';
import type { Policies, RiskSignals } from './policies.ts';
import type { PersonalAccessTokens } from './personal-access-tokens.ts';
import type { Outbox } from './outbox.ts';
import type { PushedRequests } from './pushed-requests.ts';
import type { RefreshTokens } from './refresh-tokens.ts';
import type { Refusals } from './refusals.ts';
import type { Registrations } from './registrations.ts';
import type { Resources } from './resources.ts';
import type { SealedSecrets } from './sealed-secrets.ts';
import type { SecondFactors } from './second-factors.ts';
import type { Sessions } from './sessions.ts';
import type { SigningKeys } from './signing-keys.ts';
import type { Statuses } from './statuses.ts';
import type { OrganizationTokenRules } from './token-rules.ts';
import type { StoreFigures } from './store-observer.ts';
import type { TokenUses } from './token-uses.ts';
import type { TrustedIssuers } from './trusted-issuers.ts';
import type { UpstreamIdentities } from './upstream-identities.ts';
import type { Usage } from './usage.ts';
import type { UsedIdentifiers } from './used-identifiers.ts';
import type { Users } from './users.ts';

/** What is written on duty only. */
export type DutyStore = Pick<
  Store,
  | 'maintenance'
  | 'registrations'
  | 'logoutNotices'
  | 'signingKeys'
  | 'refusals'
  | 'outbox'
  | 'personalAccessTokens'
  | 'auditChain'
  | 'usage'
  | 'agents'
>;

/** What a database adapter gives; the composition root hands each rule only the ports it needs. */
export interface Store {
  readonly organizations: Organizations;
  readonly memberships: Memberships;
  readonly invitations: Invitations;
  readonly users: Users;
  readonly clients: Clients;
  readonly registrations: Registrations;
  readonly initialAccessTokens: InitialAccessTokens;
  readonly clientSecretUses: ClientSecretUses;
  readonly clientTokens: ClientTokens;
  readonly resources: Resources;
  readonly signingKeys: SigningKeys;
  readonly sessions: Sessions;
  readonly secondFactors: SecondFactors;
  readonly consents: Consents;
  readonly connections: Connections;
  readonly agents: Agents;
  readonly grants: Grants;
  readonly refreshTokens: RefreshTokens;
  readonly accessTokens: AccessTokens;
  readonly personalAccessTokens: PersonalAccessTokens;
  readonly tokenRules: OrganizationTokenRules;
  readonly policies: Policies;
  readonly riskSignals: RiskSignals;
  readonly tokenUses: TokenUses;
  readonly statuses: Statuses;
  readonly endings: Endings;
  readonly pushedRequests: PushedRequests;
  readonly logoutNotices: LogoutNotices;
  readonly outbox: Outbox;
  readonly mailLinks: MailLinks;
  readonly sealedSecrets: SealedSecrets;
  readonly usedIdentifiers: UsedIdentifiers;
  readonly deviceAuthorizations: DeviceAuthorizations;
  readonly trustedIssuers: TrustedIssuers;
  readonly identityProviders: IdentityProviders;
  readonly upstreamIdentities: UpstreamIdentities;
  readonly leakedTokens: LeakedTokens;
  readonly linkedIdentities: LinkedIdentities;
  readonly audit: Audit;
  readonly auditChain: AuditChain;
  readonly usage: Usage;
  readonly refusals: Refusals;
  readonly failedAttempts: FailedAttempts;
  readonly maintenance: Maintenance;
  readonly cluster: Cluster;
  /** For the work of the node on duty: every write is refused (NotOnDuty) once the duty is another's. */
  onDuty(fence: Fence): DutyStore;
  /** Rejects when the database does not answer. */
  ping(): Promise<void>;
  /** For whoever watches. */
  figures(): StoreFigures;
  /** Waits for writes under way, then lets go of the database. */
  close(): Promise<void>;
}
