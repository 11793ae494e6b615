/** Headers that go with every answer of a kind. */

/** RFC 6749 §5.1: no cache keeps a token. */
export const NO_STORE = {
  'cache-control': 'no-store',
  pragma: 'no-cache',
  'x-content-type-options': 'nosniff',
} as const;

/**
 * Any origin, without credentials: these endpoints ignore cookies, so a page of another site learns nothing that
 * its own server could not (Fetch §3.3).
 */
export const ANY_ORIGIN = {
  'access-control-allow-origin': '*',
  'access-control-expose-headers': 'www-authenticate, retry-after, dpop-nonce, x-request-id',
} as const;

/** MCP clients name their revision in each request, those for metadata included. */
export const PREFLIGHT = {
  ...ANY_ORIGIN,
  'access-control-allow-methods': 'GET, POST',
  'access-control-allow-headers': 'authorization, content-type, dpop, mcp-protocol-version',
  'access-control-max-age': '86400',
} as const;
