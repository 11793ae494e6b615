/** An organization owns apps, APIs and tokens and may revoke them. Everyone has a personal one. */
export interface Organization {
  readonly id: string;
  readonly name: string;
  readonly kind: 'default' | 'personal' | 'team';
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
}

/** The organization that exists from the first start. */
export const DEFAULT_ORGANIZATION_ID = 'org_default';
