/** Secrets of Common Access Tokens as `gateway.yaml` gives them. @spec CTA-5007-B §4.3.1; RFC 7517 §4, §5; RFC 7518 §6.4 */
import { readFileSync } from 'node:fs';

const MINIMUM_BYTES = 32;

/**
 * @param setting a symmetric JWK or a set of them as JSON, or a file that holds it
 * @throws TypeError that tells what it must be, and nothing of what it is
 */
export function readCatKeys(setting: string): readonly object[] {
  const json = parsed(setting.trimStart().startsWith('{') ? setting : contentOf(setting));
  const keys = isRecord(json) && Array.isArray(json['keys']) ? (json['keys'] as readonly unknown[]) : [json];
  if (keys.length === 0 || !keys.every(isSecret)) {
    throw new TypeError('must hold symmetric JWKs for HS256 (kty oct, kid, k of at least 32 bytes)');
  }
  return keys;
}

function contentOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    throw new TypeError('is neither a JWK nor a file that can be read');
  }
}

/** The parser's own message would quote the secret. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new TypeError('is not JSON');
  }
}

function isSecret(key: unknown): key is object {
  if (!isRecord(key)) return false;
  const { kty, k, kid, alg = 'HS256' } = key;
  return (
    kty === 'oct' &&
    alg === 'HS256' &&
    typeof kid === 'string' &&
    typeof k === 'string' &&
    Buffer.from(k, 'base64url').length >= MINIMUM_BYTES
  );
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
