/** Puts the server together: the only file that knows every room. */
import fastifyCookie from '@fastify/cookie';
import { deriveKey, open, seal } from '@tessera/tokens';
import type { Server } from 'node:https';
import { createVerifier, type Verifier } from '@tessera/verifier';
import type { FastifyInstance } from 'fastify';
import { registerAccountApi } from './api/account-api.ts';
import { registerAdminApi } from './api/admin-api.ts';
import type { Config } from './config.ts';
import { TESSERA_API_IDENTIFIER } from './domain/resource.ts';
import { type ClientCertificates, createClientCertificates } from './http/client-certificates.ts';
import { createHttpApp, type RequestReport } from './http/app.ts';
import { createBrowser } from './http/browser.ts';
import { leadToIssuerHost } from './http/canonical-host.ts';
import { registerHealth } from './http/health-routes.ts';
import { refuseOtherHosts } from './http/refuse-other-hosts.ts';
import { registerOAuthRoutes } from './http/oauth-routes.ts';
import { registerRegistrationRoutes } from './http/registration-routes.ts';
import type { Logger } from './observe/logs.ts';
import { createMetrics, type Metrics } from './observe/metrics.ts';
import { createOutbound } from './outbound/outbound-http.ts';
import { registerPageRoutes } from './pages/routes/index.ts';
import { createPasswordQueue } from './people/password-queue.ts';
import { createPasswords, type Passwords } from './people/password.ts';
import type { Clients } from './ports/clients.ts';
import type { Clock } from './ports/clock.ts';
import type { ClientKeys } from './ports/client-keys.ts';
import type { Outbound } from './ports/outbound.ts';
import { createPooledRandom, type Random } from './ports/random.ts';
import type { Store } from './ports/store.ts';
import { auditEvent } from './protocol/audit-event.ts';
import { createSecretUses, type SecretUses } from './protocol/client-authentication/secret-uses.ts';
import { createIssuerKeys } from './protocol/assertions/issuer-keys.ts';
import { createBackchannelLogout } from './protocol/backchannel-logout.ts';
import { createSupportedTypes } from './protocol/supported-details-types.ts';
import { createClientKeys } from './protocol/client-keys.ts';
import { createInteractions } from './protocol/authorization/interaction.ts';
import { type ClientDocuments, createClientDocuments } from './protocol/client-documents/client-documents.ts';
import { deviceAuthorizationEndpoint } from './protocol/endpoints/device-authorization.ts';
import { createOwnIntrospection } from './protocol/endpoints/introspection.ts';
import { createDpopBinding } from './protocol/dpop-binding.ts';
import { createDpopNonces, type DpopNonces } from './protocol/dpop-nonce.ts';
import {
  type MetadataSettings,
  MUTUAL_TLS_ENDPOINTS,
  type MutualTlsMetadata,
} from './protocol/endpoints/metadata.ts';
import { tokenEndpoint } from './protocol/endpoints/token.ts';
import { createTokenFinder, type TokenFinder } from './protocol/find-token.ts';
import { grantHandlers } from './protocol/grants/index.ts';
import { createAccessTokenIssuer, type AccessTokenIssuer } from './protocol/issue-access-token.ts';
import { createIdTokenIssuer } from './protocol/issue-id-token.ts';
import { createKeyRing, type KeyRing, WrongMasterKey } from './protocol/key-ring.ts';
import { type SecurityProfile, withProfiles } from './protocol/security-profile.ts';
import { createSubjectIdentifiers, type SubjectIdentifiers } from './protocol/subject-identifier.ts';
import { createSenderConstraints } from './protocol/sender-constraint.ts';
import { createUserCodes } from './protocol/user-code.ts';

export interface TesseraParts {
  readonly config: Config;
  readonly issuer: string;
  readonly store: Store;
  readonly masterKey: Uint8Array;
  readonly logger: Logger;
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
  /** Shown on the sign-in page; for the demo. */
  readonly signInHint?: string;
}

/** A server that is put together and listens nowhere yet. */
export interface Tessera {
  readonly issuer: string;
  readonly app: FastifyInstance;
  /** Asks for certificates; the same application behind it. */
  readonly mutualTls?: Server;
  readonly store: Store;
  readonly keyRing: KeyRing;
  readonly metrics: Metrics;
  readonly passwords: Passwords;
  readonly issueAccessToken: AccessTokenIssuer;
  /** Tells apps that sessions have ended; of one session, or of all that are due. Never rejects. */
  readonly tellApps: (sid?: string) => Promise<void>;
  readonly clock: Clock;
  readonly random: Random;
  /** Rejects while the server cannot serve. */
  readonly ready: () => Promise<void>;
  /** Refuses new requests, ends the ones under way, lets go of the database. */
  close(): Promise<void>;
}

export async function createTessera(parts: TesseraParts): Promise<Tessera> {
  const { config, issuer, store, logger } = parts;
  const base = await createBase(parts);
  const { clock, random, keyRing, passwords, issueAccessToken, tellApps, secretUses } = base;
  const metrics = createMetrics();
  const app = createHttpApp({
    clock,
    random,
    trustedProxies: config.trusted_proxies,
    ...(parts.tls === undefined ? {} : { tls: parts.tls }),
    report: (report) => reportRequest(report, metrics, logger),
    exposed: (token, context) => noteExposure(token, context, base),
  });
  if (parts.hosts !== undefined) refuseOtherHosts(app, parts.hosts);
  leadToIssuerHost(app, issuer);
  registerHealth(app, () => store.ping());
  await mountOAuth(app, base);
  // Only the pages read cookies; the OAuth endpoints need not pay for them.
  await app.register(async (pages: FastifyInstance) => {
    await pages.register(fastifyCookie);
    await mountPages(pages, base);
  });
  await mountApis(app, base);
  const stopChores = startChores(base);
  const mutualTls =
    parts.mutualTls && base.certificates?.listener(parts.mutualTls, app, Object.values(MUTUAL_TLS_ENDPOINTS));
  return {
    issuer,
    app,
    ...(mutualTls === undefined ? {} : { mutualTls }),
    store,
    keyRing,
    metrics,
    passwords,
    issueAccessToken,
    tellApps,
    clock,
    random,
    ready: () => store.ping(),
    async close() {
      stopChores();
      mutualTls?.close();
      await closeWithin(CLOSING_GRACE_MS, app);
      mutualTls?.closeAllConnections();
      // A last use that is lost costs nobody anything; a stop that fails for it would.
      await secretUses.writeDown().catch(() => undefined);
      await store.close();
    },
  };
}

interface Base {
  readonly parts: TesseraParts;
  readonly clock: Clock;
  readonly random: Random;
  readonly keyRing: KeyRing;
  readonly findToken: TokenFinder;
  readonly issueAccessToken: AccessTokenIssuer;
  readonly passwords: Passwords;
  /** For everything that is fetched from an address a client chose. */
  readonly outbound: Outbound;
  /** Each with what its security profile asks for. */
  readonly clients: Clients;
  readonly subjectOf: SubjectIdentifiers;
  /** Tells apps that sessions have ended; of one session, or of all that are due. Never rejects. */
  readonly tellApps: (sid?: string) => Promise<void>;
  readonly dpopNonces: DpopNonces;
  readonly certificates: ClientCertificates | undefined;
  readonly secretUses: SecretUses;
  readonly clientKeys: ClientKeys;
}

/** What several rooms share. */
async function createBase(parts: TesseraParts): Promise<Base> {
  const { config, issuer, store, masterKey } = parts;
  const clock = parts.clock ?? Date.now;
  const random = parts.random ?? createPooledRandom();
  const keyRing = createKeyRing({
    signingKeys: store.signingKeys,
    sealingKey: deriveKey(masterKey, 'signing-keys'),
    clock,
    random,
  });
  await keyRing.prepare();
  const subjectOf = createSubjectIdentifiers(await pairwiseKey(parts, random));
  const outbound = createOutbound({ clock, allowHosts: config.outbound_allow_hosts });
  return {
    parts,
    clock,
    random,
    keyRing,
    findToken: createTokenFinder({ ...store, keyRing }),
    issueAccessToken: createAccessTokenIssuer(issuer, keyRing, random, subjectOf),
    passwords: createPasswords(createPasswordQueue()),
    outbound,
    clients: withProfiles(store.clients, profileSetting(config)),
    subjectOf,
    tellApps: createTellApps({ parts, clock, random, keyRing, subjectOf, outbound }),
    dpopNonces: createDpopNonces(masterKey),
    certificates: clientCertificates(parts, clock),
    clientKeys: createClientKeys(outbound),
    secretUses: createSecretUses(store.clientSecretUses),
  };
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

function mutualTlsMetadata(
  { config, issuer }: TesseraParts,
  { hasAuthorities }: ClientCertificates,
): MutualTlsMetadata {
  const { mtls_port: port, mtls_url: url } = config;
  const address = url ?? (port === undefined ? undefined : `https://${new URL(issuer).hostname}:${port}`);
  return { hasAuthorities, ...(address === undefined ? {} : { address }) };
}

/** Every grant of the token endpoint, with what it needs. */
function createGrants(base: Base): ReturnType<typeof grantHandlers> {
  const { parts, random, keyRing, findToken, issueAccessToken, subjectOf, clientKeys } = base;
  const { store, issuer, config } = parts;
  const issueIdToken = createIdTokenIssuer(issuer, keyRing, subjectOf);
  const settings = {
    idleLifetimeSeconds: config.refresh_token_idle_lifetime,
    absoluteLifetimeSeconds: config.refresh_token_absolute_lifetime,
    graceSeconds: config.refresh_token_grace,
  };
  const { grants, resources, accessTokens, refreshTokens, deviceAuthorizations } = store;
  return grantHandlers({
    authorizationCode: {
      issuer,
      grants,
      resources,
      users: store.users,
      issueAccessToken,
      issueIdToken,
      refreshTokens: settings,
      random,
    },
    clientCredentials: { issuer, resources, accessTokens, issueAccessToken },
    refreshToken: { issuer, refreshTokens, resources, issueAccessToken, issueIdToken, settings, random },
    jwtBearer: {
      ...store,
      clients: base.clients,
      issuer,
      issuerKeys: createIssuerKeys(clientKeys),
      issueAccessToken,
      random,
    },
    tokenExchange: { issuer, findToken, grants, resources, accessTokens, issueAccessToken },
    deviceCode: {
      issuer,
      deviceAuthorizations,
      grants,
      resources,
      issueAccessToken,
      issueIdToken,
      refreshTokens: settings,
      random,
    },
  });
}

async function mountOAuth(app: FastifyInstance, base: Base): Promise<void> {
  const { parts, clock, random, keyRing, findToken, subjectOf, clientKeys, certificates } = base;
  const { store, issuer, config } = parts;
  const authentication = {
    clients: base.clients,
    failedAttempts: store.failedAttempts,
    audit: store.audit,
    random,
    issuer,
    clientKeys,
    usedIdentifiers: store.usedIdentifiers,
    secretUses: base.secretUses,
  };
  const dpop = {
    issuer,
    nonces: base.dpopNonces,
    nonceRequired: config.dpop_nonce === 'required',
    usedIdentifiers: store.usedIdentifiers,
  };
  const dpopBinding = createDpopBinding(dpop);
  const handlers = createGrants(base);
  const { grants, resources, accessTokens, deviceAuthorizations } = store;
  await registerOAuthRoutes(app, {
    issuer,
    clock,
    keyRing,
    users: store.users,
    metadata: metadataSettings(parts, certificates),
    clients: base.clients,
    token: tokenEndpoint(handlers, createSenderConstraints(dpopBinding), authentication),
    ...(dpop.nonceRequired ? { dpopNonce: () => dpop.nonces.current(clock()) } : {}),
    device: deviceAuthorizationEndpoint({
      ...authentication,
      resources,
      deviceAuthorizations,
      userCodes: createUserCodes(parts.masterKey, random),
    }),
    authorizationDetailsTypes: createSupportedTypes(resources, clock),
    push: { ...authentication, resources, dpop: dpopBinding, pushedRequests: store.pushedRequests },
    introspection: { ...authentication, resources, findToken, subjectOf, keyRing },
    revocation: { ...authentication, accessTokens, grants, findToken },
    ...(certificates === undefined ? {} : { certificates }),
    issuerVerifier: ownVerifier(issuer, base),
  });
  await mountRegistration(app, base);
}

/** What every client is held to. */
function profileSetting({ security_profile: profile }: Config): SecurityProfile | undefined {
  return profile === 'none' ? undefined : profile;
}

function metadataSettings(
  parts: TesseraParts,
  certificates: ClientCertificates | undefined,
): MetadataSettings {
  const { config } = parts;
  return {
    requirePushedRequests: config.require_pushed_authorization_requests,
    ...(certificates === undefined ? {} : { mutualTls: mutualTlsMetadata(parts, certificates) }),
    registration: config.dynamic_registration !== 'off',
    clientIdMetadataDocuments: config.client_id_metadata_documents === 'on',
    profile: profileSetting(config),
  };
}

async function mountRegistration(app: FastifyInstance, { parts, clock, random }: Base): Promise<void> {
  const { issuer, config, store } = parts;
  const { clients, registrations, initialAccessTokens, grants, failedAttempts } = store;
  const mode = config.dynamic_registration;
  if (mode === 'off') return;
  await registerRegistrationRoutes(app, {
    clock,
    registration: { issuer, mode, registrations, initialAccessTokens, failedAttempts, random },
    management: { issuer, clients, registrations, grants, failedAttempts, random },
  });
}

/** Its traffic is counted apart: whoever makes up client ids must not use up what keys are fetched with. */
function clientDocuments({ parts, clock, random }: Base): ClientDocuments {
  const { config, store, logger } = parts;
  const allowHosts = config.outbound_allow_hosts;
  return createClientDocuments(
    {
      enabled: config.client_id_metadata_documents === 'on',
      maxBytes: config.client_id_metadata_document_max_bytes,
      domains: {
        allow: config.client_id_metadata_document_allow_domains,
        deny: config.client_id_metadata_document_deny_domains,
      },
      allowHosts: new Set(allowHosts),
    },
    {
      outbound: createOutbound({ clock, allowHosts }),
      clients: store.clients,
      registrations: store.registrations,
      grants: store.grants,
      clock,
      random,
      refused: (origin, reason) => logger.info({ origin, reason }, 'a client metadata document was refused'),
    },
  );
}

async function mountPages(app: FastifyInstance, base: Base): Promise<void> {
  const { parts, clock, random, keyRing, passwords, subjectOf, tellApps } = base;
  const { store, issuer, masterKey, config, signInHint } = parts;
  const { resources, sessions, users, grants, consents, audit, failedAttempts } = store;
  const { deviceAuthorizations } = store;
  const documents = clientDocuments(base);
  const userCodes = createUserCodes(masterKey, random);
  await registerPageRoutes(app, {
    flow: {
      issuer,
      clients: withProfiles(documents, profileSetting(config)),
      documents,
      resources,
      sessions,
      users,
      grants,
      consents,
      audit,
      keyRing,
      subjectOf,
      random,
      clock,
      usedIdentifiers: store.usedIdentifiers,
      pushedRequests: store.pushedRequests,
      clientKeys: base.clientKeys,
      requirePushedRequests: config.require_pushed_authorization_requests,
      interactions: createInteractions(masterKey, random),
      browser: createBrowser(issuer, masterKey, random),
    },
    devices: { clients: base.clients, deviceAuthorizations, failedAttempts, userCodes, random },
    tellApps,
    signIn: { users, sessions, failedAttempts, audit, passwords, random },
    random,
    absoluteLifetimeSeconds: config.refresh_token_absolute_lifetime,
    ...(signInHint === undefined ? {} : { signInHint }),
  });
}

async function mountApis(app: FastifyInstance, base: Base): Promise<void> {
  const { parts, clock, random, keyRing, passwords, outbound } = base;
  const { store, issuer } = parts;
  const { users, organizations, clients, initialAccessTokens, resources, accessTokens, grants, audit } =
    store;
  const verifier = ownVerifier(TESSERA_API_IDENTIFIER, base);
  await registerAdminApi(app, {
    issuer,
    verifier,
    users,
    organizations,
    clients,
    initialAccessTokens,
    clientSecretUses: store.clientSecretUses,
    resources,
    trustedIssuers: store.trustedIssuers,
    keys: keyRing,
    accessTokens,
    grants,
    audit,
    outbound,
    clock,
    random,
    hashPassword: (password) => passwords.hashPassword(password),
  });
  await registerAccountApi(app, { issuer, verifier, users });
}

/** Checks tokens for the server's own APIs: the same verifier that APIs install, asking the store directly. */
function ownVerifier(
  audience: string,
  { parts, clock, keyRing, findToken, subjectOf, dpopNonces }: Base,
): Verifier {
  const { issuer, store, config } = parts;
  return createVerifier({
    issuer,
    audience,
    clock,
    introspect: createOwnIntrospection(findToken, clock, {
      issuer,
      subjectOf,
      clients: store.clients,
      resources: store.resources,
    }),
    jwks: () => keyRing.jwks(),
    ...(config.client_cert_header ? { mutualTls: { clientCertHeaderFrom: config.trusted_proxies } } : {}),
    dpop: {
      publicUrl: issuer,
      remember: (proof, until) => store.usedIdentifiers.remember('dpop_proof', proof, until, clock()),
      nonces: {
        current: () => dpopNonces.current(clock()),
        isGood: (nonce) => dpopNonces.isGood(nonce, clock()),
        required: config.dpop_nonce === 'required',
      },
    },
  });
}

/** What pairwise subjects are made with. In the database, because they must outlive a change of the master key. */
async function pairwiseKey({ store, masterKey }: TesseraParts, random: Random): Promise<Uint8Array> {
  const name = 'pairwise-subjects';
  const sealingKey = deriveKey(masterKey, 'sealed-secrets');
  const key = open(
    sealingKey,
    await store.sealedSecrets.ensure(name, seal(sealingKey, random(32), name, random)),
    name,
  );
  if (key === undefined)
    throw new WrongMasterKey('The secrets in the database cannot be opened with this master key.');
  return key;
}

function createTellApps(
  dependencies: Pick<Base, 'parts' | 'clock' | 'random' | 'keyRing' | 'subjectOf' | 'outbound'>,
): Base['tellApps'] {
  const { store, issuer, logger } = dependencies.parts;
  const { logoutNotices, clients } = store;
  const deliver = createBackchannelLogout({
    ...dependencies,
    issuer,
    logoutNotices,
    clients,
    undelivered: ({ clientId, attempts }, last) =>
      logger.warn({ clientId, attempts, last }, 'an app could not be told that a session has ended'),
  });
  return (sid) =>
    deliver(sid).catch((error: unknown) => logger.warn({ error }, 'apps could not be told of a sign-out'));
}

function reportRequest(report: RequestReport, metrics: Metrics, logger: Logger): void {
  metrics.answered(report);
  const level = report.status >= 500 ? 'error' : report.status >= 400 ? 'info' : 'debug';
  logger[level](report, 'answered');
}

/** A token that came in a URL: if it is one of ours, that goes to the audit log. */
async function noteExposure(
  token: string,
  context: Parameters<typeof auditEvent>[0],
  { parts, random, findToken }: Base,
): Promise<void> {
  const found = await findToken(token);
  if (found?.kind !== 'access_token' || found.state.endedAt !== undefined) return;
  const { clientId, userId, grantId } = found.state.row;
  await parts.store.audit.record(
    auditEvent(
      context,
      {
        type: 'token.exposed',
        outcome: 'failure',
        actor: 'anonymous',
        clientId,
        ...(userId === undefined ? {} : { userId }),
        ...(grantId === undefined ? {} : { grantId }),
        detail: { where: 'url' },
      },
      random,
    ),
  );
}

/** How long requests under way may take when the server stops. */
const CLOSING_GRACE_MS = 5000;
const PURGE_EVERY_MS = 10_000;
/** Apps that registered themselves and are not used. */
const SWEEP_EVERY_MS = 10 * 60_000;
/** What could not be told to an app at once is tried again. */
const LOGOUT_NOTICES_EVERY_MS = 5000;
/** A key that was retired on another node must not go on signing here: nobody would take what it signs. */
const KEYS_EVERY_MS = 1000;
const SECRET_USES_EVERY_MS = 60_000;

/** Browsers open connections ahead of need: one that never asked anything would hold the end up for minutes. */
async function closeWithin(graceMs: number, app: FastifyInstance): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const grace = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, graceMs);
  });
  await Promise.race([app.close(), grace]);
  clearTimeout(timer);
  app.server.closeAllConnections();
}

/** Work that keeps the store small and the keys fresh, in slack time. */
function startChores({ parts, clock, random, keyRing, tellApps, secretUses }: Base): () => void {
  const { store, config, logger } = parts;
  const chore = (name: string, run: () => Promise<unknown>) => (): void => {
    run().catch((error: unknown) => logger.warn({ error, chore: name }, 'a chore failed; it will run again'));
  };
  const purge = chore('purge', () => store.maintenance.purge(clock(), config.refresh_token_grace * 1000));
  const sweep = chore('sweep', () => {
    const at = clock();
    const unusedSince = at - config.unused_registration_lifetime * 1000;
    return store.registrations.sweep(unusedSince, at, (clientId) =>
      auditEvent(
        { at, requestId: 'sweep', address: '' },
        {
          type: 'client.deleted',
          outcome: 'success',
          actor: 'system',
          clientId,
          detail: { reason: 'unused' },
        },
        random,
      ),
    );
  });
  const timers = [
    setInterval(sweep, SWEEP_EVERY_MS),
    setInterval(purge, PURGE_EVERY_MS),
    setInterval(
      chore('keys', () => keyRing.refresh()),
      KEYS_EVERY_MS,
    ),
    setInterval(
      chore('secret uses', () => secretUses.writeDown()),
      SECRET_USES_EVERY_MS,
    ),
    setInterval(() => void tellApps(), LOGOUT_NOTICES_EVERY_MS),
  ];
  for (const timer of timers) timer.unref();
  return () => timers.forEach(clearInterval);
}
