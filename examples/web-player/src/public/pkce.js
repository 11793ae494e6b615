/** Proof key for code exchange (RFC 7636): whoever steals the code cannot use it without the verifier kept here. */

const RANDOM_BYTES = 32;

/** An unguessable text: 43 characters of base64url. Serves as code verifier (§4.1) and as state. */
export function randomText() {
  return toBase64url(crypto.getRandomValues(new Uint8Array(RANDOM_BYTES)));
}

/** BASE64URL(SHA256(ASCII(verifier))), §4.2: what the authorization request shows of the verifier. */
export async function codeChallenge(verifier) {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(verifier));
  return toBase64url(new Uint8Array(digest));
}

function toBase64url(bytes) {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');
}
