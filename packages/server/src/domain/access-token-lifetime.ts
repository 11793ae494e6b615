/** Seconds: fixed, or drawn at random between the two ends, both included, for each token. */
export type AccessTokenLifetime = number | { readonly min: number; readonly max: number };
