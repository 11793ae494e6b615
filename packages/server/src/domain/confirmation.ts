/**
 * The key that a sender-constrained token is bound to, as the `cnf` claim holds it (RFC 7800 §3.1).
 * `jkt`: thumbprint of a DPoP key (RFC 9449 §6.1). `x5t#S256`: thumbprint of a certificate (RFC 8705 §3.1).
 */
export type Confirmation = { readonly jkt: string } | { readonly 'x5t#S256': string };
