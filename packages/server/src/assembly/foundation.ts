/** What the rooms of the server share: made once, handed to each. */
import { deriveKeys, open, seal, type SealingKey, deriveKey, firstOf } from '@tessera/tokens';
import { createAccessTokenLifetimes } from '../access/lifetime.ts';
import { attemptLimitsOf, type Config } from '../config.ts';
import type { NodeSetting } from '../domain/node-setting.ts';
import type { AccessTokenLifetime } from '../domain/access-token-lifetime.ts';
import { type ClientCertificates, createClientCertificates } from '../http/client-certificates.ts';
import { type AttemptLimits, createAttemptLimits } from '../limits/attempt-limits.ts';
import type { Logger } from '../observe/logs.ts';
import { createMetrics, type Metrics } from '../observe/metrics.ts';
import { createRefusalLog, type RefusalLog } from '../observe/refusal-log.ts';
import type { Traces } from '../observe/traces.ts';
import { createUsageCounts, type UsageCounts } from '../observe/usage-counts.ts';
import type { MailTransport } from '../mail/mail-transport.ts';
import { createPasswordQueue } from '../people/password-queue.ts';
import { type Passwords, createPasswords } from '../people/password.ts';
import { boundSessions, type BoundSessions, type SessionLifetimes } from '../people/session-ends.ts';
import type { ClientKeys } from '../ports/client-keys.ts';
import type { Clients } from '../ports/clients.ts';
import type { Clock } from '../ports/clock.ts';
import type { DemoNodes } from '../ports/demo-nodes.ts';
import { type Random, createPooledRandom } from '../ports/random.ts';
import type { Store } from '../ports/store.ts';
import { type CatTokens, createCatTokens } from '../protocol/cat-tokens.ts';
import { type SecretUses, createSecretUses } from '../protocol/client-authentication/secret-uses.ts';
import { createClientKeys } from '../protocol/client-keys.ts';
import { type ClientTokenUses, createClientTokenUses } from '../protocol/client-tokens/client-token-uses.ts';
import { type DpopNonces, createDpopNonces } from '../protocol/dpop-nonce.ts';
import { type TokenFinder, createTokenFinder } from '../protocol/find-token.ts';
import { type AccessTokenIssuer, createAccessTokenIssuer } from '../protocol/issue-access-token.ts';
import { createGrantUses, type GrantUses } from '../protocol/grant-uses.ts';
import { type KeyRing, WrongMasterKey, createKeyRing } from '../protocol/key-ring.ts';
import { requestRates } from './shedding.ts';
import { createPolicyJudge, type PolicyJudge } from '../protocol/policies/judge-tokens.ts';
import { judgedAccessTokens } from '../protocol/policies/judged-access-tokens.ts';
import { createPolicyReports } from '../protocol/policies/report-findings.ts';
import { createPersonalTokenParts, type PersonalTokenParts } from './personal-tokens.ts';
import { type SecurityProfile, withProfiles } from '../protocol/security-profile.ts';
import { createStatusIndexes } from '../protocol/status-indexes.ts';
import { type SubjectIdentifiers, createSubjectIdentifiers } from '../protocol/subject-identifier.ts';
import { type AuditLog, createAuditLog } from './audit-log.ts';
import { createMail, type Mail } from './mail.ts';
import { createProviderClient, type ProviderClient } from '../protocol/upstream/provider-client.ts';
import { createUpstreamSeals, type UpstreamSeals } from '../protocol/upstream/sealed-provider.ts';
import { showFigures } from './figures.ts';
import { createOutbounds, type Outbounds } from './outbounds.ts';
import { createTellApps, type TellApps } from './tell-apps.ts';

/** What a server is put together from. */
export interface TesseraParts {
  readonly config: Config;
  readonly issuer: string;
  readonly store: Store;
  readonly masterKey: SealingKey;
  readonly logger: Logger;
  /** Made before the store is opened, which tells it of its work. */
  readonly metrics?: Metrics;
  /** What the other nodes, and the console, are told of the settings. */
  readonly settings?: readonly NodeSetting[];
  /** Present where traces are on. */
  readonly traces?: Traces;
  /** PEM; present: HTTPS. */
  readonly tls?: { readonly cert: string; readonly key: string };
  /** PEM; present: another listener asks clients for certificates. */
  readonly mutualTls?: { readonly cert: string; readonly key: string };
  /** PEM of the authorities that vouch for certificates of clients. */
  readonly clientAuthorities?: string;
  readonly clock?: Clock;
  readonly random?: Random;
  /** The only names it answers under, with the port; absent: any, as behind a proxy. */
  readonly hosts?: readonly string[];
  /** Where mails go when no mail server is set; for the demo. */
  readonly mailbox?: MailTransport;
  /** Shown on the sign-in page; for the demo. */
  readonly signInHint?: string;
  /** Nodes beside this one, which may be stopped; for the demo. */
  readonly demoNodes?: DemoNodes;
}

/** What several rooms share. */
export interface Foundation {
  readonly parts: TesseraParts;
  readonly metrics: Metrics;
  readonly clock: Clock;
  readonly random: Random;
  readonly keyRing: KeyRing;
  readonly catTokens: CatTokens;
  readonly findToken: TokenFinder;
  readonly issueAccessToken: AccessTokenIssuer;
  readonly passwords: Passwords;
  /** Counted for all nodes together. */
  readonly attemptLimits: AttemptLimits;
  /** Counted by this node for itself; absent where a rate is off. */
  readonly rates: ReturnType<typeof requestRates>;
  /** For everything that is fetched from an address a client chose. */
  readonly outbounds: Outbounds;
  /** Each with what its security profile asks for. */
  readonly clients: Clients;
  readonly subjectOf: SubjectIdentifiers;
  /** Tells apps that sessions have ended; of one session, or of all that are due. Never rejects. */
  readonly tellApps: TellApps;
  readonly dpopNonces: DpopNonces;
  readonly certificates: ClientCertificates | undefined;
  readonly secretUses: SecretUses;
  readonly grantUses: GrantUses;
  readonly policyJudge: PolicyJudge;
  readonly personalTokens: PersonalTokenParts;
  readonly clientTokenUses: ClientTokenUses;
  /** Somebody else's OpenID providers, by which people sign in. */
  readonly providers: ProviderClient;
  readonly upstreamSeals: UpstreamSeals;
  readonly clientKeys: ClientKeys;
  readonly refusalLog: RefusalLog;
  readonly auditLog: AuditLog;
  readonly usageCounts: UsageCounts;
  readonly mail: Mail;
  readonly sightings: BoundSessions;
}

/** @throws WrongMasterKey, StoreUnavailable */
export async function createFoundation(given: TesseraParts): Promise<Foundation> {
  const parts = { ...given, store: judgedStore(given.store) };
  const { config, issuer, store, masterKey, clock = Date.now, random = createPooledRandom() } = parts;
  const sealingKey = deriveKeys(masterKey, 'signing-keys');
  const keyRing = createKeyRing({ signingKeys: store.signingKeys, sealingKey, clock, random });
  await keyRing.prepare();
  const subjectOf = createSubjectIdentifiers(
    await keptSecret('pairwise-subjects', random(32), parts, random),
  );
  // Made once from the master key of then: anchors from before there was a row of it are good by it.
  const firstAnchorKey = deriveKey(firstOf(masterKey), 'audit-anchors');
  const anchorKey = await keptSecret('audit-anchors', firstAnchorKey, parts, random);
  const outbounds = createOutbounds(parts, clock);
  const sealedSecrets = deriveKeys(masterKey, 'sealed-secrets');
  const catTokens = createCatTokens({ ...store, keyRing, sealingKey: sealedSecrets, random });
  const grantUses = createGrantUses(store.connections);
  const clients = withProfiles(store.clients, profileSetting(config));
  const usageCounts = createUsageCounts({ ...store, clock });
  const metrics = parts.metrics ?? createMetrics();
  const passwordQueue = createPasswordQueue();
  showFigures(metrics, { store, clock, passwordQueue });
  const policyJudge = policyJudgeOf(parts, random);
  const { logoutNotices } = store;
  const telling = { issuer, logoutNotices, clients, outbounds, keyRing, subjectOf, clock, random };
  return {
    parts,
    metrics,
    clock,
    random,
    keyRing,
    catTokens,
    findToken: createTokenFinder({ ...store, keyRing, catTokens }),
    issueAccessToken: createAccessTokenIssuer({
      issuer,
      keyRing,
      random,
      subjectOf,
      statusIndexes: createStatusIndexes(store.statuses, random),
      catTokens,
      grantUses,
      usage: usageCounts,
      policies: policyJudge,
      lifetimeOf: createAccessTokenLifetimes(store.organizations, serverLifetime(config), random),
    }),
    grantUses,
    policyJudge,
    passwords: createPasswords(passwordQueue),
    rates: requestRates(config),
    attemptLimits: createAttemptLimits(store.failedAttempts, attemptLimitsOf(config)),
    outbounds,
    clients,
    subjectOf,
    tellApps: createTellApps(telling, parts.logger),
    dpopNonces: createDpopNonces(masterKey),
    certificates: clientCertificates(parts, clock),
    clientKeys: createClientKeys(outbounds.registered, outbounds.strangers),
    secretUses: createSecretUses(store.clientSecretUses),
    personalTokens: createPersonalTokenParts(store),
    auditLog: createAuditLog({ ...parts, anchorKey }, clock, random),
    usageCounts,
    clientTokenUses: createClientTokenUses(store.clientTokens),
    providers: createProviderClient({ outbound: outbounds.providers, clock }),
    upstreamSeals: createUpstreamSeals(deriveKeys(masterKey, 'upstream-tokens'), random),
    mail: createMail(parts, clock, random),
    sightings: boundSessions(store.sessions, sessionLifetimes(config), clock),
    refusalLog: refusalLog(parts),
  };
}

function policyJudgeOf({ store, issuer }: TesseraParts, random: Random): PolicyJudge {
  return createPolicyJudge({ ...store, issuer, reports: createPolicyReports(store.audit, random) });
}

/** Tokens that a change of a policy concerns have ended, whoever asks the store. */
function judgedStore(store: Store): Store {
  return { ...store, accessTokens: judgedAccessTokens(store.accessTokens, store) };
}

function refusalLog({ store, logger }: TesseraParts): RefusalLog {
  return createRefusalLog({
    ...store,
    notKept: (count) => logger.warn({ count }, 'more requests were refused in a minute than are kept'),
  });
}

/** What every client is held to. */
export function profileSetting({ security_profile: profile }: Config): SecurityProfile | undefined {
  return profile === 'none' ? undefined : profile;
}

function sessionLifetimes(config: Config): SessionLifetimes {
  return {
    absoluteMs: config.session_absolute_lifetime * 1000,
    idleMs: config.session_idle_lifetime * 1000,
  };
}

/** What the server says of the lifetime of access tokens. */
function serverLifetime({
  access_token_lifetime: min,
  access_token_lifetime_max: max,
}: Config): AccessTokenLifetime {
  return max === undefined ? min : { min, max };
}

/** Undefined where clients are never asked for a certificate. */
function clientCertificates(
  { config, mutualTls, clientAuthorities: authorities }: TesseraParts,
  clock: Clock,
): ClientCertificates | undefined {
  if (mutualTls === undefined && !config.client_cert_header) return undefined;
  return createClientCertificates({
    clock,
    ...(authorities === undefined ? {} : { authorities }),
    ...(config.client_cert_header ? { headerFrom: config.trusted_proxies } : {}),
  });
}

/** A secret in the database, because it must outlive a change of the master key; `candidate` becomes it where there is none. */
async function keptSecret(
  name: string,
  candidate: Uint8Array,
  { store, masterKey }: TesseraParts,
  random: Random,
): Promise<Uint8Array> {
  const sealingKey = deriveKeys(masterKey, 'sealed-secrets');
  const key = open(
    sealingKey,
    await store.sealedSecrets.ensure(name, seal(sealingKey, candidate, name, random)),
    name,
  );
  if (key === undefined)
    throw new WrongMasterKey('The secrets in the database cannot be opened with this master key.');
  return key;
}
