/** Something that ended, as it is told to those who check tokens. Holds no token and no secret. Times are milliseconds. */
export type Ending =
  | TokenEnding
  | GrantEnding
  | ClientEnding
  | ResourceEnding
  | KeyEnding
  | EpochEnding
  | PolicyEnding;

interface AnyEnding {
  readonly at: number;
  /** What ended would not have lived longer: after this it may be forgotten. */
  readonly expiresAt: number;
}

export interface TokenEnding extends AnyEnding {
  readonly kind: 'token';
  /** As in its row. */
  readonly tokenId: Uint8Array;
  readonly statusIndex?: number;
  readonly resourceId?: string;
}

/** Every token under the grant. */
export interface GrantEnding extends AnyEnding {
  readonly kind: 'grant';
  readonly grantId: string;
}

/** Every token of the client that was issued until then. */
export interface ClientEnding extends AnyEnding {
  readonly kind: 'client';
  readonly clientId: string;
}

/** Every token for the API that was issued until then. */
export interface ResourceEnding extends AnyEnding {
  readonly kind: 'resource';
  readonly resourceId: string;
  /** Its identifier. */
  readonly resource: string;
}

/** Tokens that were not judged by a change of a policy. Of its ids at most one is there; none: all tokens. */
export interface PolicyEnding extends AnyEnding {
  readonly kind: 'policy';
  readonly epoch: number;
  readonly clientId?: string;
  readonly grantId?: string;
  /** An identifier. */
  readonly resource?: string;
  /** Of the client, as tokens name it. */
  readonly organizationId?: string;
}

/** Every token that the key signed, whoever signed it. */
export interface KeyEnding extends AnyEnding {
  readonly kind: 'key';
  readonly kid: string;
}

/** Every token of the issuer that was issued until then: nobody knows any more which of them are good. */
export interface EpochEnding extends AnyEnding {
  readonly kind: 'epoch';
}
