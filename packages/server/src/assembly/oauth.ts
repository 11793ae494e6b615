/** The OAuth and OpenID Connect endpoints, with what they need. */
import type { FastifyInstance } from 'fastify';
import type { ClientCertificates } from '../http/client-certificates.ts';
import { registerLeakedTokenRoutes } from '../http/leaked-token-routes.ts';
import { registerOAuthRoutes } from '../http/oauth-routes.ts';
import { registerRevocationRoutes } from '../http/revocation-routes.ts';
import { registerRegistrationRoutes } from '../http/registration-routes.ts';
import { createIssuerKeys } from '../protocol/assertions/issuer-keys.ts';
import type { ClientDocuments } from '../protocol/client-documents/client-documents.ts';
import { createCalledAddress } from '../protocol/called-address.ts';
import { createDpopBinding } from '../protocol/dpop-binding.ts';
import { deviceAuthorizationEndpoint } from '../protocol/endpoints/device-authorization.ts';
import type { MetadataSettings, MutualTlsMetadata } from '../protocol/endpoints/metadata.ts';
import { tokenEndpoint } from '../protocol/endpoints/token.ts';
import { grantHandlers } from '../protocol/grants/index.ts';
import { createIdTokenIssuer } from '../protocol/issue-id-token.ts';
import type { LeakHandling } from '../protocol/leaked-tokens/handle-leak.ts';
import { withProfiles } from '../protocol/security-profile.ts';
import { createRevocationStreams } from '../protocol/revocation-stream.ts';
import { createSenderConstraints } from '../protocol/sender-constraint.ts';
import { createStatusLists } from '../protocol/status-lists.ts';
import { createSupportedTypes } from '../protocol/supported-details-types.ts';
import { createUserCodes } from '../protocol/user-code.ts';
import { type Foundation, type TesseraParts, profileSetting } from './foundation.ts';
import { certificateAddress } from './certificate-address.ts';
import { ownVerifier } from './own-verifier.ts';

export async function mountOAuth(
  app: FastifyInstance,
  foundation: Foundation,
  documents: ClientDocuments,
  leaks: LeakHandling,
): Promise<void> {
  const { parts, clock, random, keyRing, findToken, clientKeys, certificates, attemptLimits } = foundation;
  const { store, issuer, config } = parts;
  const authentication = {
    clients: foundation.clients,
    attemptLimits,
    ratePerClient: foundation.rates.rate_per_client,
    audit: store.audit,
    random,
    issuer,
    clientKeys,
    usedIdentifiers: store.usedIdentifiers,
    secretUses: foundation.secretUses,
  };
  const dpop = {
    calledAddress: createCalledAddress(issuer, certificateAddress(parts)),
    nonces: foundation.dpopNonces,
    nonceRequired: config.dpop_nonce === 'required',
  };
  const dpopBinding = createDpopBinding(dpop);
  const handlers = createGrants(foundation);
  const { resources, deviceAuthorizations } = store;
  await registerOAuthRoutes(app, {
    issuer,
    clock,
    keyRing,
    users: store.users,
    metadata: metadataSettings(parts, certificates),
    clients: foundation.clients,
    token: tokenEndpoint(handlers, createSenderConstraints(dpopBinding), authentication),
    ...(dpop.nonceRequired ? { dpopNonce: () => dpop.nonces.current(clock()) } : {}),
    device: deviceAuthorizationEndpoint({
      ...authentication,
      resources,
      deviceAuthorizations,
      userCodes: createUserCodes(parts.masterKey, random),
    }),
    authorizationDetailsTypes: createSupportedTypes(resources, clock),
    push: {
      ...authentication,
      // A pushed request may be the first that is heard of an app.
      clients: withProfiles({ ...store.clients, find: (id) => documents.find(id) }, profileSetting(config)),
      resources,
      keyRing,
      dpop: dpopBinding,
      pushedRequests: store.pushedRequests,
    },
    introspection: { ...foundation, ...authentication, ...foundation.personalTokens, resources },
    revocation: { ...store, ...authentication, findToken },
    ...(certificates === undefined ? {} : { certificates }),
    issuerVerifier: ownVerifier(issuer, foundation),
    ratePerToken: foundation.rates.rate_per_token,
    counts: foundation.metrics.tokens,
  });
  await registerRevocationRoutes(app, {
    clock,
    authentication,
    statusLists: createStatusLists({ ...store, issuer, keyRing, clock, ttlSeconds: config.status_list_ttl }),
    streams: createRevocationStreams({ ...store, issuer, clock, told: foundation.metrics.endingTold }),
    ...(certificates === undefined ? {} : { certificates }),
  });
  await registerLeakedTokenRoutes(app, { ...authentication, clock, leaks });
  await mountRegistration(app, foundation);
}

/** Every grant of the token endpoint, with what it needs. */
function createGrants(foundation: Foundation): ReturnType<typeof grantHandlers> {
  const { parts, random, keyRing, findToken, issueAccessToken, subjectOf, clientKeys } = foundation;
  const { store, issuer, config } = parts;
  const issueIdToken = createIdTokenIssuer(issuer, keyRing, subjectOf);
  const settings = {
    idleLifetimeSeconds: config.refresh_token_idle_lifetime,
    absoluteLifetimeSeconds: config.refresh_token_absolute_lifetime,
    signInFrequencySeconds: config.sign_in_frequency,
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
    agents: { agents: store.agents, memberships: store.memberships, resources },
    policies: foundation.policyJudge,
    clientCredentials: { issuer, resources, accessTokens, issueAccessToken },
    refreshToken: { issuer, refreshTokens, resources, issueAccessToken, issueIdToken, settings, random },
    jwtBearer: {
      ...store,
      clients: foundation.clients,
      issuer,
      issuerKeys: createIssuerKeys(clientKeys),
      issueAccessToken,
      random,
    },
    tokenExchange: {
      issuer,
      findToken,
      clients: foundation.clients,
      grants,
      resources,
      accessTokens,
      issueAccessToken,
      subjectOf,
      upstream: {
        ...store,
        seals: foundation.upstreamSeals,
        providers: foundation.providers,
        random,
        issuer,
        policyJudge: foundation.policyJudge,
      },
      agents: store.agents,
    },
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

function mutualTlsMetadata(parts: TesseraParts, { hasAuthorities }: ClientCertificates): MutualTlsMetadata {
  const address = certificateAddress(parts);
  return { hasAuthorities, ...(address === undefined ? {} : { address }) };
}

async function mountRegistration(
  app: FastifyInstance,
  { parts, clock, random, attemptLimits, outbounds }: Foundation,
): Promise<void> {
  const { issuer, config, store } = parts;
  const { clients, registrations, initialAccessTokens, grants } = store;
  const mode = config.dynamic_registration;
  if (mode === 'off') return;
  const outbound = outbounds.registrations;
  await registerRegistrationRoutes(app, {
    clock,
    registration: { issuer, mode, registrations, initialAccessTokens, attemptLimits, outbound, random },
    management: { issuer, clients, registrations, grants, attemptLimits, outbound, random },
  });
}
