/** `/account/v1/…`: what a person may see of their own account. */
import type { Verifier } from '@tessera/verifier';
import type { FastifyInstance } from 'fastify';
import { Type } from '../schema/type.ts';
import type { Browser } from '../http/browser.ts';
import type { Users } from '../ports/users.ts';
import { type OwnAgentRouteDependencies, registerOwnAgentRoutes } from './account/agents/agent-routes.ts';
import {
  type ApplicationRouteDependencies,
  registerApplicationRoutes,
} from './account/applications/application-routes.ts';
import type { PersonalTokenDependencies } from './account/personal-access-tokens/own-token.ts';
import { registerPersonalTokenRoutes } from './account/personal-access-tokens/personal-token-routes.ts';
import { registerActivity } from './account/activity/activity-routes.ts';
import { registerSessionRoute } from './account/session/session-route.ts';
import { type Api, caller } from './api.ts';
import type { ConsoleSessions } from './console-session.ts';
import { mountApi } from './mount.ts';
import { createQueue } from './one-at-a-time.ts';
import { operation } from './operation.ts';
import { Role } from './users/user-wire.ts';

export type AccountApiDependencies = ApplicationRouteDependencies &
  Omit<PersonalTokenDependencies, 'oneAtATime'> &
  Omit<OwnAgentRouteDependencies, 'oneAtATime'> & {
    /** Without a slash at its end. */
    readonly issuer: string;
    /** For the audience `urn:tessera:api`. */
    readonly verifier: Verifier;
    readonly users: Pick<Users, 'find'>;
    readonly console: ConsoleSessions & { readonly browser: Pick<Browser, 'ensureId' | 'formToken'> };
  };

const TAGS = [
  { name: 'profile', description: 'Who you are' },
  { name: 'personal-access-tokens', description: 'Tokens that you make for your own scripts' },
  { name: 'activity', description: 'What happened to your account' },
  { name: 'session', description: 'The session of the console' },
  { name: 'applications', description: 'Apps that have access to your account' },
  { name: 'agents', description: 'Apps that act for you' },
];

const ProfileSchema = Type.Object(
  {
    id: Type.String(),
    email: Type.String(),
    email_verified: Type.Boolean(),
    display_name: Type.String(),
    role: Role,
    organization_id: Type.String({ description: 'The personal organization' }),
  },
  { title: 'Profile' },
);

/** Mounts the account API. Every route wants a token with the scope `account` of an active person. */
export async function registerAccountApi(
  app: FastifyInstance,
  dependencies: AccountApiDependencies,
): Promise<void> {
  const { issuer, verifier, users, console } = dependencies;
  const routeDependencies = { ...dependencies, oneAtATime: createQueue() };
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
      issuer,
      resource: `${issuer}/account/v1`,
      verifier,
      users,
      scope: 'account',
      console,
    },
    routes: (api) => {
      registerProfile(api);
      registerSessionRoute(api, console);
      registerApplicationRoutes(api, routeDependencies);
      registerOwnAgentRoutes(api, routeDependencies);
      registerPersonalTokenRoutes(api, routeDependencies);
      registerActivity(api, dependencies);
    },
  });
}

function registerProfile(api: Api): void {
  const get = operation({
    operationId: 'getProfile',
    summary: 'Show yourself',
    tag: 'profile',
    answers: { 200: { description: 'The person whose token this is', schema: ProfileSchema } },
  });
  api.get('/profile', { schema: get }, async (request) => {
    const person = caller(request);
    return {
      id: person.id,
      email: person.email,
      email_verified: person.emailVerified,
      display_name: person.displayName,
      role: person.role,
      organization_id: person.organizationId,
    };
  });
}
