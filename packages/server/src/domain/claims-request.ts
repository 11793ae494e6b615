/** What a client asks of one claim; without members: nothing but the claim (OpenID Connect Core §5.5.1). */
export interface ClaimWish {
  readonly essential?: boolean;
  readonly value?: unknown;
  readonly values?: readonly unknown[];
}

/** The `claims` parameter: which claims a client wants, and where (OpenID Connect Core §5.5). */
export interface ClaimsRequest {
  readonly userinfo?: Readonly<Record<string, ClaimWish>>;
  readonly id_token?: Readonly<Record<string, ClaimWish>>;
}
