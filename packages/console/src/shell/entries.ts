/** The entries of the console, in the order in which they are shown. A role that a person lacks is absent. */
import { type ComponentType, lazy, type LazyExoticComponent } from 'react';
import { type Action, mayIn, mayInTeam, type Organizations } from './organizations.ts';
import type { Person } from './session.ts';

export interface Entry {
  /** Below `/console`. */
  readonly path: string;
  readonly name: string;
  readonly group: 'You' | 'Build' | 'Run';
  /**
   * Whom it is for: everybody, operators, whoever may one of these things in the organization; or operators and
   * whoever may this in an organization of several people.
   */
  readonly needs: 'person' | 'operator' | readonly Action[] | { readonly inTeam: Action };
  /** What people may call it when they look for it. */
  readonly alsoCalled: string;
  readonly screen: LazyExoticComponent<ComponentType>;
}

export const ENTRIES: readonly Entry[] = [
  {
    path: '/settings/tokens',
    name: 'Personal access tokens',
    group: 'You',
    needs: 'person',
    alsoCalled: 'pat new token script ci api key settings',
    screen: lazy(() => import('../screens/tokens/personal-tokens.tsx')),
  },
  {
    path: '/settings/apps',
    name: 'Connected apps',
    group: 'You',
    needs: 'person',
    alsoCalled: 'consent grants agents disconnect applications settings',
    screen: lazy(() => import('../screens/connected/connected.tsx')),
  },
  {
    path: '/settings/account',
    name: 'Account',
    group: 'You',
    needs: 'person',
    alsoCalled:
      'profile password passkey second factor totp recovery codes email sessions devices activity delete settings sign out',
    screen: lazy(() => import('../screens/account/account.tsx')),
  },
  {
    path: '/apps',
    name: 'Apps',
    group: 'Build',
    needs: ['client.read'],
    alsoCalled: 'clients applications client id secret redirect uri register',
    screen: lazy(() => import('../screens/apps/apps.tsx')),
  },
  {
    path: '/explain',
    name: 'Explain a token',
    group: 'Build',
    needs: 'person',
    alsoCalled: 'decode inspect verify jwt cwt cat debug why refused',
    screen: lazy(() => import('../screens/explain/explain.tsx')),
  },
  {
    path: '/life',
    name: 'Life of a token',
    group: 'Build',
    needs: 'person',
    alsoCalled: 'authorization code pkce refresh expiry revoke userinfo',
    screen: lazy(() => import('../screens/life/life.tsx')),
  },
  {
    path: '/overview',
    name: 'Overview',
    group: 'Run',
    needs: { inTeam: 'refusal.read' },
    alsoCalled: 'dashboard figures statistics health issued verified refused',
    screen: lazy(() => import('../screens/overview/overview.tsx')),
  },
  {
    path: '/apis',
    name: 'APIs',
    group: 'Run',
    needs: ['resource.read'],
    alsoCalled: 'resources audience identifier scopes permissions lifetime format protect',
    screen: lazy(() => import('../screens/apis/apis.tsx')),
  },
  {
    path: '/people',
    name: 'People',
    group: 'Run',
    needs: { inTeam: 'member.read' },
    alsoCalled: 'users accounts disable operator administrator members invitations invite organization role',
    screen: lazy(() => import('../screens/people/people.tsx')),
  },
  {
    path: '/issued',
    name: 'Issued tokens',
    group: 'Run',
    needs: ['token.read'],
    alsoCalled: 'access tokens revoke live approval awaiting pending token rules organization longest life',
    screen: lazy(() => import('../screens/issued/issued.tsx')),
  },
  {
    path: '/policies',
    name: 'Access policies',
    group: 'Run',
    needs: { inTeam: 'policy.read' },
    alsoCalled:
      'conditional access rules conditions network step-up second factor block lifetime risk dry run',
    screen: lazy(() => import('../screens/policies/policies.tsx')),
  },
  {
    path: '/activity',
    name: 'Activity',
    group: 'Run',
    needs: ['audit.read', 'refusal.read'],
    alsoCalled: 'audit log events refusals refused why history',
    screen: lazy(() => import('../screens/activity/activity.tsx')),
  },
  {
    path: '/keys',
    name: 'Keys',
    group: 'Run',
    needs: 'operator',
    alsoCalled: 'signing jwks rotate retire certificates',
    screen: lazy(() => import('../screens/keys/keys.tsx')),
  },
  {
    path: '/cluster',
    name: 'Cluster',
    group: 'Run',
    needs: 'operator',
    alsoCalled: 'nodes duty token passing chores effective settings configuration environment',
    screen: lazy(() => import('../screens/cluster/cluster.tsx')),
  },
];

export function entriesFor(
  person: Person,
  organizations: Pick<Organizations, 'all' | 'chosen'>,
): readonly Entry[] {
  return ENTRIES.filter(({ needs }) => {
    if (needs === 'person') return true;
    const isOperator = person.role === 'admin';
    if (needs === 'operator') return isOperator;
    if ('inTeam' in needs) return isOperator || mayInTeam(organizations, needs.inTeam);
    return needs.some((action) => mayIn(organizations, action));
  });
}
