/**
 * A client token: a public string that says which app is calling. An app may ship it, so it proves nothing about who
 * sends it, and never opens what belongs to a person.
 */
export interface ClientToken {
  /** SHA-256 of the string. */
  readonly id: Uint8Array;
  readonly clientId: string;
  /** The string, sealed: whoever may see the app may see it again. */
  readonly sealed: Uint8Array;
  /** The last four characters. */
  readonly hint: string;
  readonly createdAt: number;
  /** Present once another has taken its place, or none: from then on it is refused. */
  readonly endsAt?: number;
  /** Up to a minute late; absent: never. */
  readonly lastUsedAt?: number;
}
