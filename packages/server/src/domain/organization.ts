import type { AccessTokenLifetime } from './access-token-lifetime.ts';

/** An organization owns apps, APIs and tokens and may revoke them. Everyone has a personal one. */
export interface Organization {
  readonly id: string;
  readonly name: string;
  readonly kind: 'default' | 'personal' | 'team';
  /** Of the access tokens of its apps, where neither app nor API says otherwise; absent: as the server says. */
  readonly accessTokenLifetime?: AccessTokenLifetime;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
}

/** The organization that exists from the first start. */
export const DEFAULT_ORGANIZATION_ID = 'org_default';
