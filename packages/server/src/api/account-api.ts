/** `/account/v1/…`: what a person may see of their own account. */
import type { Verifier } from '@tessera/verifier';
import type { FastifyInstance } from 'fastify';
import type { Audit } from '../ports/audit.ts';
import type { Browser } from '../http/browser.ts';
import { type OwnAgentRouteDependencies, registerOwnAgentRoutes } from './account/agents/agent-routes.ts';
import {
  type ApplicationRouteDependencies,
  registerApplicationRoutes,
} from './account/applications/application-routes.ts';
import type { PersonalTokenDependencies } from './account/personal-access-tokens/own-token.ts';
import { registerPersonalTokenRoutes } from './account/personal-access-tokens/personal-token-routes.ts';
import { registerActivity } from './account/activity/activity-routes.ts';
import { registerPasskeyRoutes } from './account/passkeys/passkey-routes.ts';
import type { FactorRouteDependencies } from './account/second-factors/factor-wire.ts';
import { registerSecondFactorRoutes } from './account/second-factors/second-factor-routes.ts';
import {
  type OwnOrganizationDependencies,
  registerOwnOrganizations,
} from './account/organizations/organization-routes.ts';
import { registerDeletion } from './account/deletion/deletion-route.ts';
import { registerEmail } from './account/email/email-routes.ts';
import type { OwnAccountDependencies } from './account/own-account.ts';
import { registerPassword } from './account/password/password-route.ts';
import { registerProfile } from './account/profile/profile-routes.ts';
import { registerSessionRoute } from './account/session/session-route.ts';
import { registerSessions } from './account/sessions/session-routes.ts';
import type { Admission } from './require-person.ts';
import type { ConsoleSessions } from './console-session.ts';
import { mountApi } from './mount.ts';
import { createQueue } from './one-at-a-time.ts';

export type AccountApiDependencies = ApplicationRouteDependencies &
  FactorRouteDependencies &
  Omit<OwnAccountDependencies, 'oneAtATime'> &
  Omit<PersonalTokenDependencies, 'oneAtATime'> &
  Omit<OwnAgentRouteDependencies, 'oneAtATime'> &
  OwnOrganizationDependencies & {
    readonly rates?: Admission['rates'];
    /** Without a slash at its end. */
    readonly issuer: string;
    /** For the audience `urn:tessera:api`. */
    readonly verifier: Verifier;
    readonly audit: Pick<Audit, 'list' | 'record'>;
    readonly console: ConsoleSessions & { readonly browser: Pick<Browser, 'ensureId' | 'formToken'> };
  };

const TAGS = [
  { name: 'profile', description: 'Who you are' },
  { name: 'sessions', description: 'Where you are signed in' },
  { name: 'personal-access-tokens', description: 'Tokens that you make for your own scripts' },
  { name: 'activity', description: 'What happened to your account' },
  { name: 'passkeys', description: 'Your passkeys' },
  { name: 'second-factors', description: 'What signs you in beside your password' },
  { name: 'organizations', description: 'What you are a member of' },
  { name: 'session', description: 'The session of the console' },
  { name: 'applications', description: 'Apps that have access to your account' },
  { name: 'agents', description: 'Apps that act for you' },
];

/** Mounts the account API. Every route wants a token with the scope `account` of an active person. */
export async function registerAccountApi(
  app: FastifyInstance,
  dependencies: AccountApiDependencies,
): Promise<void> {
  const { issuer, verifier, users, console } = dependencies;
  const own = { ...dependencies, oneAtATime: createQueue() };
  await mountApi(app, {
    prefix: '/account/v1',
    described: {
      title: 'Tessera account API',
      description: 'Your own account. Errors are problem details (RFC 9457).',
      scope: 'account',
      issuer,
      tags: TAGS,
    },
    admission: {
      ...(dependencies.rates === undefined ? {} : { rates: dependencies.rates }),
      issuer,
      resource: `${issuer}/account/v1`,
      verifier,
      users,
      scope: 'account',
      console,
    },
    routes: (api) => {
      registerProfile(api, own);
      registerOwnOrganizations(api, dependencies);
      registerEmail(api, own);
      registerPassword(api, own);
      registerSessions(api, own);
      registerDeletion(api, own);
      registerSessionRoute(api, console);
      registerApplicationRoutes(api, own);
      registerOwnAgentRoutes(api, own);
      registerPersonalTokenRoutes(api, own);
      registerActivity(api, dependencies);
      registerPasskeyRoutes(api, dependencies);
      registerSecondFactorRoutes(api, dependencies);
    },
  });
}
