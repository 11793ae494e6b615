import type { X509Certificate } from 'node:crypto';

/** The certificate with which a client opened its connection; that it holds the private key is proven. */
export interface ClientCertificate {
  readonly x509: X509Certificate;
  /** SHA-256 of its DER form in base64url (RFC 8705 §3.1). */
  readonly thumbprint: string;
  /** Whether an authority of the operator vouches for it. */
  readonly vouchedFor: boolean;
}
