/** A client still to be told that a session it knows has ended (OpenID Connect Back-Channel Logout §2.5). */
export interface LogoutNotice {
  /** The session, as ID tokens name it. */
  readonly sid: string;
  readonly clientId: string;
  readonly userId: string;
  /** How often it has been tried, this time included. */
  readonly attempts: number;
}
