/** Who acts for the subject of a token, as the `act` claim holds it; the innermost was first (RFC 8693 §4.1). */
export interface Actor {
  readonly sub: string;
  readonly iss?: string;
  readonly client_id?: string;
  readonly act?: Actor;
}
