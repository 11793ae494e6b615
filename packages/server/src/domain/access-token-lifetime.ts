/** Seconds: fixed, or drawn at random between the two ends, both included, for each token. */
export type AccessTokenLifetime = number | { readonly min: number; readonly max: number };

/** Unless anything says otherwise; RFC 6749 §4.2.2 leaves it to the server, and an hour is what people expect. */
export const STANDARD_LIFETIME_SECONDS = 3600;
