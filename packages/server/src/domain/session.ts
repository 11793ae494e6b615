/** A signed-in browser. */
export interface Session {
  /** SHA-256 of the cookie's value, base64url. */
  readonly id: string;
  /** How ID tokens name the session; a second sign-in of the same person keeps it (Back-Channel Logout §2.1). */
  readonly sid: string;
  readonly userId: string;
  readonly authTime: number;
  readonly amr: readonly string[];
  readonly createdAt: number;
  readonly expiresAt: number;
  readonly userAgent?: string;
  readonly address?: string;
  /** When it ends unless it is used before; known of sessions that are live. */
  readonly idleEndsAt?: number;
  readonly endedAt?: number;
  /** When this server last answered it, to the minute; absent until then. */
  readonly lastSeenAt?: number;
}
