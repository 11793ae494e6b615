/** What an identifier was used for; identifiers of different uses do not meet (RFC 9449 §11.1, RFC 7523 §3). */
export type IdentifierUse =
  | 'dpop_proof'
  | 'client_assertion'
  | 'authorization_grant'
  | 'authorization_request'
  | 'leak_notice'
  | 'upstream_state'
  | 'passkey_challenge'
  | 'sign_in_step'
  | 'factor_enrolment';

/** An identifier as it is remembered. */
export interface OneTimeUse {
  readonly use: IdentifierUse;
  /** Whatever makes it unique within its use, the issuer or key included; only a hash is kept. */
  readonly identifier: string;
  /** Milliseconds; from then on the thing itself is refused as expired. */
  readonly until: number;
}

/** Remembers identifiers that count once, such as the `jti` of an assertion. */
export interface UsedIdentifiers {
  /**
   * Remembers an identifier in one conditional write; of any number of parallel calls exactly one answers true.
   * @param identifier whatever makes it unique within its use, the issuer or key included; only a hash is kept
   * @param until milliseconds; from then on the thing itself is refused as expired
   * @param at milliseconds
   * @returns false if it is remembered already
   */
  remember(use: IdentifierUse, identifier: string, until: number, at: number): Promise<boolean>;
}
