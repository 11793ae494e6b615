/** What a browser takes along to a provider and has to bring back; sealed, and bound to the browser. */
export interface UpstreamStep {
  readonly providerId: string;
  /** Counts once. */
  readonly state: string;
  readonly nonce: string;
  readonly codeVerifier: string;
  /** Where the person wanted to go: the fields of the sign-in form. */
  readonly way: Readonly<Record<string, string | undefined>>;
  /** Somebody who is signed in links their account. */
  readonly linkTo?: string;
  readonly expiresAt: number;
}

export const UPSTREAM_STEP_LIFETIME_MS = 10 * 60_000;
