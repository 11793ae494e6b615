/** What tokens of this server look like, published for those who look for leaked ones. */
import { tokenPatterns } from '@tessera/tokens';

/** The alphabet in the order of its digits. */
const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

export function publishedTokenPatterns(issuer: string): object {
  return {
    issuer,
    documentation: `${issuer}/docs/how-to/leaked-tokens`,
    leaked_tokens_endpoint: `${issuer}/api/leaked-tokens`,
    checksum: {
      algorithm: 'CRC-32/ISO-HDLC',
      input: 'every character before the last six, as ASCII',
      encoding: 'base62, most significant digit first, padded with 0 to six digits',
      alphabet: ALPHABET,
      characters: 6,
    },
    patterns: tokenPatterns.map(({ kind, name, pattern, secret, reportable }) => ({
      kind,
      name,
      regex: pattern,
      secret,
      reportable,
    })),
  };
}
