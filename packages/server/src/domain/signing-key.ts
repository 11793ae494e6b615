import type { SigningAlg } from './resource.ts';

/** A key that signs tokens. Its state is a function of the time: published, then active, then retired. */
export interface SigningKey {
  readonly kid: string;
  readonly alg: SigningAlg;
  /** Public members only (RFC 7517). */
  readonly publicJwk: Readonly<Record<string, string>>;
  /** PKCS #8 DER, sealed under the master key. */
  readonly sealedPrivateKey: Uint8Array;
  readonly createdAt: number;
  /** From when it signs; it is published from `createdAt`, so that verifiers know it by then. */
  readonly activeFrom: number;
  /** When it leaves the published set; absent while it, or no successor yet, signs. */
  readonly retiresAt?: number;
  /** Set where it was taken back; it left the published set then. */
  readonly revokedAt?: number;
}
