/** One thing a person allowed in detail, as it stands on the wire; its type says what else it holds (RFC 9396 §2). */
export interface AuthorizationDetail {
  readonly type: string;
  readonly [member: string]: unknown;
}
