/** What a token is held to. What is absent is not checked, and said not to be. */
import type { CatRequest } from '../cat/index.ts';
import type { CoseKey } from '../cose/index.ts';
import type { VerificationKey } from '../jwk.ts';

export interface TokenExpectations {
  /** Milliseconds since the epoch. */
  readonly nowMs: number;
  /** The issuer that is trusted. */
  readonly issuer?: string;
  /** The identifier of the API. */
  readonly audience?: string;
  /** All of these are needed. */
  readonly scopes?: readonly string[];
  /** The issuer's key of that name; absent: nobody has keys here. */
  readonly findKey?: (
    kid: string | undefined,
    alg: string,
  ) => VerificationKey | undefined | Promise<VerificationKey | undefined>;
  /** Keys for Common Access Tokens. */
  readonly catKeys?: readonly CoseKey[];
  /** What a Common Access Token is to be shown with. */
  readonly request?: CatRequest;
}
