/** How a person has to have signed in, as an API asks for it (RFC 9470 §3). */
export interface SignInNeeds {
  /** One of these authentication context classes, as the server names them in `acr_values_supported`. */
  readonly acrValues?: readonly string[];
  /** The sign-in may be this old. */
  readonly maxAgeSeconds?: number;
}
