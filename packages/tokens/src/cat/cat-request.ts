/**
 * What a recipient tells about the request that a token came with. Whatever is absent was not seen, and a claim that
 * asks about it is refused.
 */
export interface CatRequest {
  /** Absolute; without the token, where the URL carried it. */
  readonly url?: string | undefined;
  /** The URL as it was called, if it is another one: what a DPoP proof is made for. */
  readonly calledUrl?: string | undefined;
  readonly method?: string | undefined;
  /** Names in any case; several values of one name as a list, in their order. */
  readonly headers?: Headers | Readonly<Record<string, string | readonly string[] | undefined>> | undefined;
  /** Of the client, as text. */
  readonly ip?: string | undefined;
  /** The autonomous system that the address belongs to. */
  readonly asn?: number | undefined;
  /** The protocol that TLS agreed on (RFC 7301), such as `h2`; absent without TLS. */
  readonly alpn?: string | undefined;
  /** The SubjectPublicKeyInfo of each certificate of the client's chain, DER. */
  readonly tlsKeys?: readonly Uint8Array[] | undefined;
  readonly place?: CatPlace | undefined;
  /** Fingerprints of the TLS connection by type, such as `{ JA4: '…' }`. */
  readonly tlsFingerprints?: Readonly<Record<string, string>> | undefined;
  /** What is asked for over Media over QUIC. */
  readonly moqt?:
    | { readonly action: number; readonly namespace: readonly string[]; readonly track?: string | undefined }
    | undefined;
}

/** Where the client is, as far as somebody knows. */
export interface CatPlace {
  /** ISO 3166-1 and -2 codes, such as `SE` and `SE-AB`. */
  readonly regions?: readonly string[] | undefined;
  /** Degrees, WGS 84. */
  readonly latitude?: number | undefined;
  readonly longitude?: number | undefined;
  readonly altitudeMetres?: number | undefined;
}

/** @returns the value of a field, several joined as RFC 9110 §5.3 says; undefined where it was not sent */
export function headerOf({ headers }: CatRequest, name: string): string | undefined {
  if (headers === undefined) return undefined;
  if (isHeaders(headers)) return FIELD_NAME.test(name) ? (headers.get(name) ?? undefined) : undefined;
  const wanted = name.toLowerCase();
  const values: string[] = [];
  for (const key of Object.keys(headers)) {
    if (key.length !== wanted.length || key.toLowerCase() !== wanted) continue;
    const value = headers[key];
    if (typeof value === 'string') values.push(value);
    else if (value !== undefined) values.push(...value);
  }
  return values.length === 0 ? undefined : values.map(trimField).join(', ');
}

/** Letters, digits and marks of which the name of a field is made (RFC 9110 §5.1). */
export const FIELD_NAME = /^[\w!#$%&'*+.^`|~-]+$/;

export function isHeaders(headers: NonNullable<CatRequest['headers']>): headers is Headers {
  return typeof headers['get'] === 'function';
}

function trimField(value: string): string {
  return value.replace(/^[ \t]+|[ \t]+$/g, '');
}
