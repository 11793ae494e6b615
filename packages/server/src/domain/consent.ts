/** What a person has already agreed to, remembered per client and API. */
export interface Consent {
  readonly userId: string;
  readonly clientId: string;
  /** Absent: the issuer and the default API. */
  readonly resourceId?: string;
  readonly scopes: readonly string[];
  readonly updatedAt: number;
}
