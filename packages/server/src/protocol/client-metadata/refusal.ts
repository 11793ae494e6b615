/** Why metadata were refused (RFC 7591 §3.2.2). */
/** One reason why metadata were refused. */
export interface MetadataRefusal {
  /** RFC 7591 §3.2.2. */
  readonly error: 'invalid_client_metadata' | 'invalid_redirect_uri';
  /** A JSON pointer to the member (RFC 6901). */
  readonly pointer: string;
  readonly detail: string;
}

/** @param pointer to the member (RFC 6901) */
export function refuse(pointer: string, detail: string): MetadataRefusal {
  return { error: 'invalid_client_metadata', pointer, detail };
}
