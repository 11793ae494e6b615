/**
 * How long a metadata document may be kept, by what its server says, within bounds of our own.
 * @spec draft-ietf-oauth-client-id-metadata-document-00 §4.4, RFC 9111 §4.2.1
 */
const MIN_MS = 30_000;
const MAX_MS = 24 * 3600 * 1000;

/** @returns milliseconds */
export function cacheLifetime(headers: Headers, now: number): number {
  return Math.min(MAX_MS, Math.max(MIN_MS, statedLifetime(headers, now)));
}

function statedLifetime(headers: Headers, now: number): number {
  const control = headers.get('cache-control')?.toLowerCase() ?? '';
  if (/\b(no-store|no-cache)\b/.test(control)) return 0;
  const maxAge = /(?:^|[\s,])max-age\s*=\s*"?(\d{1,10})/.exec(control)?.[1];
  if (maxAge !== undefined) return (Number(maxAge) - ageOf(headers)) * 1000;
  const expires = Date.parse(headers.get('expires') ?? '');
  return Number.isNaN(expires) ? 0 : expires - now;
}

function ageOf(headers: Headers): number {
  const age = headers.get('age') ?? '';
  return /^\d{1,10}$/.test(age) ? Number(age) : 0;
}
