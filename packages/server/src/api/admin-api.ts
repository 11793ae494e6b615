/** `/admin/v1/…`: what an administrator may see and change, as JSON, described by OpenAPI. */
import type { Random, SealingKey } from '@tessera/tokens';
import type { Verifier } from '@tessera/verifier';
import type { FastifyInstance } from 'fastify';
import type { AttemptLimits } from '../limits/attempt-limits.ts';
import type { Agents } from '../ports/agents.ts';
import type { AccessTokens } from '../ports/access-tokens.ts';
import type { Audit } from '../ports/audit.ts';
import type { ClientSecretUses } from '../ports/client-secret-uses.ts';
import type { ClientTokens } from '../ports/client-tokens.ts';
import type { Clients } from '../ports/clients.ts';
import type { Clock } from '../ports/clock.ts';
import type { Cluster, DutyTimes } from '../ports/cluster.ts';
import type { DemoNodes } from '../ports/demo-nodes.ts';
import type { Grants } from '../ports/grants.ts';
import type { IdentityProviders } from '../ports/identity-providers.ts';
import type { InitialAccessTokens } from '../ports/initial-access-tokens.ts';
import type { MailLinks } from '../ports/mail-links.ts';
import type { Outbound } from '../ports/outbound.ts';
import type { Invitations } from '../ports/invitations.ts';
import type { Memberships } from '../ports/memberships.ts';
import type { SealMail } from '../ports/outbox.ts';
import type { Organizations } from '../ports/organizations.ts';
import type { Policies, RiskSignals } from '../ports/policies.ts';
import type { Refusals } from '../ports/refusals.ts';
import type { Resources } from '../ports/resources.ts';
import type { TokenUses } from '../ports/token-uses.ts';
import type { TrustedIssuers } from '../ports/trusted-issuers.ts';
import type { Usage } from '../ports/usage.ts';
import type { Users } from '../ports/users.ts';
import { registerAgentRoutes } from './agents/agent-routes.ts';
import type { Api } from './api.ts';
import { requireOperator } from './authority-of-caller.ts';
import type { Admission } from './require-person.ts';
import type { ConsoleSessions } from './console-session.ts';
import { registerAuditEventRoutes } from './audit-events/audit-event-routes.ts';
import { registerClusterRoutes } from './cluster/cluster-routes.ts';
import type { VerifyAuditLog } from './audit-events/verify-route.ts';
import { registerClientRoutes } from './clients/client-routes.ts';
import { registerClientTokenRoutes } from './clients/client-token-routes.ts';
import { registerSecretRoutes } from './clients/secret-routes.ts';
import { registerGrantRoutes } from './grants/grant-routes.ts';
import { registerIdentityProviderRoutes } from './identity-providers/identity-provider-routes.ts';
import { registerInitialAccessTokenRoutes } from './initial-access-tokens/initial-access-token-routes.ts';
import { type KeyAdministration, registerKeyRoutes } from './keys/key-routes.ts';
import { mountApi } from './mount.ts';
import { createQueue } from './one-at-a-time.ts';
import { registerInvitationRoutes } from './organizations/invitation-routes.ts';
import { registerMemberRoutes } from './organizations/member-routes.ts';
import { registerOrganizationRoutes } from './organizations/organization-routes.ts';
import type { CatTokens } from '../protocol/cat-tokens.ts';
import type { UpstreamSeals } from '../protocol/upstream/sealed-provider.ts';
import { registerCatKeyRoutes } from './resources/cat-key-routes.ts';
import { registerOverviewRoutes } from './overview/overview-routes.ts';
import type { PersonalTokenAdministration } from './personal-access-tokens/known-token.ts';
import { registerPersonalTokenAdministration } from './personal-access-tokens/personal-token-routes.ts';
import { registerDryRunRoute } from './policies/dry-run-route.ts';
import { registerPolicyRoutes } from './policies/policy-routes.ts';
import { registerRiskSignalRoutes } from './policies/risk-signal-routes.ts';
import { registerRefusalRoutes } from './refusals/refusal-routes.ts';
import { registerResourceRoutes } from './resources/resource-routes.ts';
import { registerTokenRuleRoutes, type TokenRuleDependencies } from './token-rules/token-rule-routes.ts';
import { registerExplainRoute } from './tokens/explain-route.ts';
import type { ExplainDependencies } from './tokens/explain-route.ts';
import { registerTokenRoutes } from './tokens/token-routes.ts';
import { registerTrustedIssuerRoutes } from './trusted-issuers/trusted-issuer-routes.ts';
import { registerUserFactorRoutes, type UserFactorDependencies } from './users/factor-routes.ts';
import { registerUserRoutes } from './users/user-routes.ts';

export interface AdminApiDependencies {
  /** Without a slash at its end. */
  readonly issuer: string;
  /** For the audience `urn:tessera:api`. */
  readonly verifier: Verifier;
  readonly users: Users;
  readonly organizations: Organizations;
  readonly memberships: Memberships;
  readonly invitations: Invitations;
  readonly attemptLimits: Pick<AttemptLimits, 'take'>;
  /** Whether everybody may have apps of their own. */
  readonly personalApps: boolean;
  readonly createOrganizations: 'operators' | 'everyone';
  readonly clients: Clients;
  readonly agents: Pick<Agents, 'list' | 'endHeld'>;
  readonly initialAccessTokens: Omit<InitialAccessTokens, 'findByHash'>;
  readonly clientSecretUses: Pick<ClientSecretUses, 'lastUses'>;
  readonly clientTokens: Pick<ClientTokens, 'ofClient' | 'replace' | 'end'>;
  /** 32 bytes: what is shown again is sealed with it. */
  readonly sealingKey: SealingKey;
  readonly resources: Resources;
  readonly personalAccessTokens: PersonalTokenAdministration['personalAccessTokens'] &
    ExplainDependencies['personalAccessTokens'];
  readonly tokenRules: TokenRuleDependencies['tokenRules'];
  readonly roleIn: PersonalTokenAdministration['roleIn'];
  readonly lastUses: PersonalTokenAdministration['lastUses'];
  readonly tokenUses: Pick<TokenUses, 'find'>;
  readonly policies: Policies;
  readonly riskSignals: RiskSignals;
  readonly trustedIssuers: TrustedIssuers;
  readonly identityProviders: IdentityProviders;
  readonly upstreamSeals: Pick<UpstreamSeals, 'sealSecret'>;
  readonly keys: KeyAdministration;
  readonly catTokens: Pick<CatTokens, 'handOut' | 'jtiOf'>;
  readonly cluster: Cluster;
  readonly dutyTimes: DutyTimes;
  /** Of the demo. */
  readonly demoNodes?: DemoNodes;
  readonly refusals: Pick<Refusals, 'list'>;
  readonly accessTokens: Pick<AccessTokens, 'find' | 'list' | 'revoke'>;
  readonly grants: Pick<Grants, 'find' | 'end' | 'list'>;
  readonly audit: Pick<Audit, 'list'>;
  readonly verifyAuditLog: VerifyAuditLog;
  readonly usage: Pick<Usage, 'counts' | 'reasons' | 'registrations'>;
  readonly outbound: Pick<Outbound, 'get'>;
  readonly clock: Clock;
  readonly random: Random;
  readonly mailLinks: Pick<MailLinks, 'create'>;
  /** Absent where no mail is ever delivered. */
  readonly sealMail: SealMail | undefined;
  /** Argon2id, in PHC string form. */
  readonly hashPassword: (password: string) => Promise<string>;
  readonly console: ConsoleSessions;
  readonly rates?: Admission['rates'];
  readonly factors: UserFactorDependencies['factors'];
}

const TAGS = [
  { name: 'users', description: 'People who have an account' },
  { name: 'organizations', description: 'Who owns apps and APIs, and their members' },
  { name: 'clients', description: 'Apps that may ask for tokens (RFC 7591 names)' },
  { name: 'agents', description: 'Apps that act for an owner' },
  { name: 'resources', description: 'APIs that tokens are for' },
  { name: 'trusted-issuers', description: 'Platforms and identity providers whose JWTs are taken' },
  { name: 'identity-providers', description: 'Other OpenID providers by which people sign in' },
  { name: 'policies', description: 'Access policies: who gets tokens, under which conditions' },
  { name: 'keys', description: 'Keys that sign tokens' },
  { name: 'tokens', description: 'Access tokens that were issued' },
  { name: 'personal-access-tokens', description: 'Tokens that people make for their own scripts' },
  { name: 'organizations', description: 'Who owns apps, APIs and tokens, and what is allowed there' },
  { name: 'grants', description: 'What people allowed apps to do' },
  { name: 'audit-events', description: 'What happened' },
  { name: 'overview', description: 'What was going on in the last 24 hours' },
  { name: 'refusals', description: 'Requests that were refused, and why' },
  { name: 'cluster', description: 'The nodes, and who of them is on duty' },
];

/**
 * Mounts the admin API. Every route wants a token with the scope `admin` of an active person. A route that names what it
 * asks (`asks` of its operation) looks at the organization of the object; every other one is for operators.
 */
export async function registerAdminApi(
  app: FastifyInstance,
  dependencies: AdminApiDependencies,
): Promise<void> {
  const { issuer, verifier, users, memberships } = dependencies;
  const routeDependencies = { ...dependencies, oneAtATime: createQueue() };
  await mountApi(app, {
    prefix: '/admin/v1',
    described: {
      title: 'Tessera admin API',
      description:
        'People, clients, APIs, keys and tokens of one Tessera. Errors are problem details (RFC 9457).',
      scope: 'admin',
      issuer,
      tags: TAGS,
    },
    admission: {
      ...(dependencies.rates === undefined ? {} : { rates: dependencies.rates }),
      issuer,
      resource: `${issuer}/admin/v1`,
      verifier,
      users,
      memberships,
      scope: 'admin',
      console: dependencies.console,
    },
    unlessAsked: requireOperator,
    routes: (api: Api) => {
      registerUserRoutes(api, routeDependencies);
      registerUserFactorRoutes(api, routeDependencies);
      registerOrganizationRoutes(api, routeDependencies);
      registerMemberRoutes(api, routeDependencies);
      registerInvitationRoutes(api, routeDependencies);
      registerClientRoutes(api, routeDependencies);
      registerSecretRoutes(api, routeDependencies);
      registerAgentRoutes(api, routeDependencies);
      registerClientTokenRoutes(api, routeDependencies);
      registerInitialAccessTokenRoutes(api, routeDependencies);
      registerResourceRoutes(api, routeDependencies);
      registerCatKeyRoutes(api, routeDependencies);
      registerTrustedIssuerRoutes(api, routeDependencies);
      registerIdentityProviderRoutes(api, routeDependencies);
      registerKeyRoutes(api, routeDependencies);
      registerTokenRoutes(api, routeDependencies);
      registerExplainRoute(api, routeDependencies);
      registerPersonalTokenAdministration(api, routeDependencies);
      registerTokenRuleRoutes(api, routeDependencies);
      registerPolicyRoutes(api, routeDependencies);
      registerDryRunRoute(api, routeDependencies);
      registerRiskSignalRoutes(api, routeDependencies);
      registerGrantRoutes(api, routeDependencies);
      registerAuditEventRoutes(api, routeDependencies);
      registerOverviewRoutes(api, routeDependencies);
      registerRefusalRoutes(api, routeDependencies);
      registerClusterRoutes(api, routeDependencies);
    },
  });
}
