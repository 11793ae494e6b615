/** A signed-in browser. */
export interface Session {
  /** SHA-256 of the cookie's value, base64url. */
  readonly id: string;
  readonly userId: string;
  readonly authTime: number;
  readonly amr: readonly string[];
  readonly createdAt: number;
  readonly expiresAt: number;
  readonly userAgent?: string;
  readonly address?: string;
  readonly endedAt?: number;
}
