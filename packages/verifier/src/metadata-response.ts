/**
 * Serving the API's metadata: any origin may read them, because a browser client starts there.
 * @spec RFC 9728 §3.2; Fetch §3.2 (CORS)
 */

export const METADATA_HEADERS = {
  'content-type': 'application/json',
  'access-control-allow-origin': '*',
  'cache-control': 'public, max-age=300',
} as const;

/** Clients send headers of their own with the request, so browsers ask first. */
export const METADATA_PREFLIGHT_HEADERS = {
  'access-control-allow-origin': '*',
  'access-control-allow-methods': 'GET, HEAD',
  'access-control-allow-headers': '*',
  'access-control-max-age': '86400',
} as const;
