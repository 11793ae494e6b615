/** The entries of the console, in the order in which they are shown. A role that a person lacks is absent. */
import { type ComponentType, lazy, type LazyExoticComponent } from 'react';
import type { Person } from './session.ts';

export interface Entry {
  /** Below `/console`. */
  readonly path: string;
  readonly name: string;
  readonly group: 'You' | 'Build' | 'Run';
  /** Whom it is for. */
  readonly needs: 'person' | 'operator';
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
    alsoCalled: 'profile password email sessions devices activity delete settings sign out',
    screen: lazy(() => import('../screens/account/account.tsx')),
  },
  {
    path: '/apps',
    name: 'Apps',
    group: 'Build',
    needs: 'person',
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
];

export function entriesFor(person: Person): readonly Entry[] {
  return ENTRIES.filter(({ needs }) => needs === 'person' || person.role === 'admin');
}
