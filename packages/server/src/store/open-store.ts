import type { Client } from '../domain/client.ts';
import type { Organization } from '../domain/organization.ts';
import type { Resource } from '../domain/resource.ts';
import type { TokenRules } from '../domain/token-rules.ts';
import type { Clock } from '../ports/clock.ts';
import type { Tracing } from '../ports/tracing.ts';
import type { StoreFigures, StoreObserver } from '../ports/store-observer.ts';
import type { DutyStore, Store } from '../ports/store.ts';
import type { Database } from './database.ts';
import type { Migration } from './migrations/migration.ts';
import { createMemoryCache } from './memory-cache.ts';
import type { MemoryCache } from './memory-cache.ts';
import { createAccessTokens } from './nouns/access-tokens.ts';
import { createAgents } from './nouns/agents.ts';
import { createAuditChain } from './nouns/audit-chain.ts';
import { createAudit } from './nouns/audit.ts';
import { createClientSecretUses } from './nouns/client-secret-uses.ts';
import { createClientTokens } from './nouns/client-tokens.ts';
import { createClients } from './nouns/clients.ts';
import { createConnections } from './nouns/connections.ts';
import { createCluster } from './nouns/cluster.ts';
import { createConsents } from './nouns/consents.ts';
import { createDeviceAuthorizations } from './nouns/device-authorizations.ts';
import { createEndings } from './nouns/endings.ts';
import { fencedDatabase } from './nouns/fence.ts';
import { createFailedAttempts } from './nouns/failed-attempts.ts';
import { createGrants } from './nouns/grants.ts';
import { createIdentityProviders } from './nouns/identity-providers.ts';
import { createInitialAccessTokens } from './nouns/initial-access-tokens.ts';
import { createInvitations } from './nouns/invitations.ts';
import { createLeakedTokens } from './nouns/leaked-tokens.ts';
import { createLinkedIdentities } from './nouns/linked-identities.ts';
import { createLogoutNotices } from './nouns/logout-notices.ts';
import { createMailLinks } from './nouns/mail-links.ts';
import { createMaintenance } from './nouns/maintenance.ts';
import { createMemberships } from './nouns/memberships.ts';
import { createOrganizations } from './nouns/organizations.ts';
import { createPersonalAccessTokens } from './nouns/personal-access-tokens.ts';
import { createPolicies } from './nouns/policies.ts';
import { createRiskSignals } from './nouns/risk-signals.ts';
import { createOutbox } from './nouns/outbox.ts';
import { createPushedRequests } from './nouns/pushed-requests.ts';
import { createRefreshTokens } from './nouns/refresh-tokens.ts';
import { createRefusals } from './nouns/refusals.ts';
import { createRegistrations } from './nouns/registrations.ts';
import { createResources } from './nouns/resources.ts';
import { createSealedSecrets } from './nouns/sealed-secrets.ts';
import { createSecondFactors } from './nouns/second-factors.ts';
import { createSessions } from './nouns/sessions.ts';
import { createSigningKeys } from './nouns/signing-keys.ts';
import { createStatuses } from './nouns/statuses.ts';
import { createTokenRules } from './nouns/token-rules.ts';
import { createTokenUses } from './nouns/token-uses.ts';
import { createTrustedIssuers } from './nouns/trusted-issuers.ts';
import { createUpstreamIdentities } from './nouns/upstream-identities.ts';
import { createUsage } from './nouns/usage.ts';
import { createUsedIdentifiers } from './nouns/used-identifiers.ts';
import { createUsers } from './nouns/users.ts';
import { observedDatabase } from './observed-database.ts';
import { openSqlite } from './sqlite/open-sqlite.ts';
import { tracedDatabase } from './traced-database.ts';
import type { StoreLogger } from './store-logger.ts';
import { StoreOpenError } from './store-open-error.ts';

export { StoreOpenError } from './store-open-error.ts';

export interface StoreOptions {
  /** `sqlite:./path`, `sqlite::memory:`, `postgres://…` or `postgresql://…`. */
  readonly url: string;
  readonly clock?: Clock;
  readonly logger?: StoreLogger;
  readonly observer?: StoreObserver;
  readonly tracing?: Tracing | undefined;
  /** What a program knows of the schema; all of it unless told otherwise. */
  readonly migrations?: readonly Migration[];
  /** On PostgreSQL: opened only when indexes over large tables are built, too; else they are built while it is in use. */
  readonly waitForIndexes?: boolean;
}

const SQLITE_SCHEME = 'sqlite:';
const CACHED_CLIENTS = 5000;
const CACHED_RESOURCES = 1000;
const CACHED_ORGANIZATIONS = 1000;

/**
 * Opens the database behind a URL, made and migrated as needed.
 * @throws StoreOpenError whose message is one line for a terminal
 */
export async function openStore(options: StoreOptions): Promise<Store> {
  const { observer, tracing, url } = options;
  const database = await openDatabase(options);
  const system = url.startsWith(SQLITE_SCHEME) ? 'sqlite' : 'postgresql';
  const traced = tracing === undefined ? database : tracedDatabase(database, tracing, system);
  return storeOn(observer === undefined ? traced : observedDatabase(traced, observer), options.clock);
}

async function openDatabase({ clock = Date.now, ...options }: StoreOptions): Promise<Database> {
  const { url, migrations } = options;
  if (url.startsWith(SQLITE_SCHEME)) {
    const path = url.slice(SQLITE_SCHEME.length);
    if (path !== '' && !path.startsWith('//')) {
      return openSqlite(path, clock, migrations, options.observer?.committed);
    }
  }
  if (/^postgres(ql)?:\/\//.test(url)) {
    // Loaded only where it is wanted: the driver costs a start on SQLite for nothing.
    const { openPostgres } = await import('./postgres/open-postgres.ts');
    return openPostgres({ ...options, clock });
  }
  throw new StoreOpenError(
    'bad_url',
    'The database URL must be sqlite:./path, sqlite:/path, sqlite::memory: or postgres://user@host/database.',
  );
}

/** The ports over any database. */
export function storeOn(database: Database, clock: Clock = Date.now): Store {
  const organizations = cacheFor<Organization>(database, CACHED_ORGANIZATIONS);
  const resources = cacheFor<Resource>(database, CACHED_RESOURCES);
  const clients = cacheFor<Client>(database, CACHED_CLIENTS);
  const tokenRules = cacheFor<TokenRules>(database, CACHED_ORGANIZATIONS);
  const caches = { organizations, clients, resources };
  return {
    organizations: createOrganizations(database, caches),
    memberships: createMemberships(database),
    invitations: createInvitations(database),
    users: createUsers(database, caches),
    clients: createClients(database, clients, resources),
    clientSecretUses: createClientSecretUses(database),
    clientTokens: createClientTokens(database),
    registrations: createRegistrations(database, clients, resources),
    initialAccessTokens: createInitialAccessTokens(database),
    resources: createResources(database, resources),
    signingKeys: createSigningKeys(database),
    sessions: createSessions(database),
    secondFactors: createSecondFactors(database),
    consents: createConsents(database),
    connections: createConnections(database),
    agents: createAgents(database, clients),
    grants: createGrants(database),
    refreshTokens: createRefreshTokens(database),
    accessTokens: createAccessTokens(database),
    personalAccessTokens: createPersonalAccessTokens(database),
    tokenRules: createTokenRules(database, tokenRules),
    policies: createPolicies(database, clock),
    riskSignals: createRiskSignals(database),
    tokenUses: createTokenUses(database),
    statuses: createStatuses(database),
    endings: createEndings(database),
    pushedRequests: createPushedRequests(database),
    logoutNotices: createLogoutNotices(database),
    outbox: createOutbox(database),
    mailLinks: createMailLinks(database),
    sealedSecrets: createSealedSecrets(database),
    usedIdentifiers: createUsedIdentifiers(database),
    deviceAuthorizations: createDeviceAuthorizations(database),
    trustedIssuers: createTrustedIssuers(database),
    identityProviders: createIdentityProviders(database),
    upstreamIdentities: createUpstreamIdentities(database),
    leakedTokens: createLeakedTokens(database, clients),
    linkedIdentities: createLinkedIdentities(database),
    audit: createAudit(database),
    auditChain: createAuditChain(database),
    usage: createUsage(database),
    refusals: createRefusals(database),
    failedAttempts: createFailedAttempts(database),
    maintenance: createMaintenance(database),
    cluster: createCluster(database),
    onDuty: (fence) => dutyStoreOn(fencedDatabase(database, fence), clients, resources),
    ping: () => database.ping(),
    figures: () => figuresOf(database, { organizations, clients, resources, token_rules: tokenRules }),
    close: () => database.close(),
  };
}

function figuresOf(
  database: Database,
  caches: Readonly<Record<string, Pick<MemoryCache<object>, 'figures'>>>,
): StoreFigures {
  const connections = database.connections?.();
  return {
    caches: Object.entries(caches).map(([name, cache]) => ({ name, ...cache.figures() })),
    ...(connections && { connections }),
  };
}

function dutyStoreOn(
  fenced: Database,
  clients: MemoryCache<Client>,
  resources: MemoryCache<Resource>,
): DutyStore {
  return {
    maintenance: createMaintenance(fenced),
    registrations: createRegistrations(fenced, clients, resources),
    logoutNotices: createLogoutNotices(fenced),
    signingKeys: createSigningKeys(fenced),
    refusals: createRefusals(fenced),
    outbox: createOutbox(fenced),
    auditChain: createAuditChain(fenced),
    personalAccessTokens: createPersonalAccessTokens(fenced),
    usage: createUsage(fenced),
    agents: createAgents(fenced, clients),
  };
}

/** Kept for good where no one else writes, else as long as another process's write may go unnoticed. */
function cacheFor<Value extends object>(database: Database, capacity: number): MemoryCache<Value> {
  const { foreignWriteAgeMs } = database;
  return createMemoryCache<Value>({
    capacity,
    maxAgeMs: foreignWriteAgeMs === 0 ? Number.POSITIVE_INFINITY : foreignWriteAgeMs,
    monotonic: () => performance.now(),
  });
}
