/** What a token says of itself, without asking anybody and without trusting a word of it. */
import { decodeJwt, parseTokenString, type TokenKind } from '@tessera/tokens';

export type ReadToken =
  | { readonly format: 'opaque'; readonly kind: string; readonly checksum: 'ok' }
  | {
      readonly format: 'jwt';
      readonly header: Readonly<Record<string, unknown>>;
      readonly claims: Readonly<Record<string, unknown>>;
      readonly expired: boolean | undefined;
      readonly signature: 'not checked';
    };

const KINDS: Readonly<Record<TokenKind, string>> = {
  at: 'access token',
  rt: 'refresh token',
  ac: 'authorization code',
  pat: 'personal access token',
  ct: 'client token',
  cs: 'client secret',
  dc: 'device code',
  ru: 'request URI',
  rat: 'registration access token',
  se: 'session',
  ia: 'initial access token',
  ml: 'mail link',
};

/** @param nowMs milliseconds @returns undefined for what is no token, or has been mistyped */
export function readToken(token: string, nowMs: number): ReadToken | undefined {
  const opaque = parseTokenString(token);
  if (opaque !== undefined) return { format: 'opaque', kind: KINDS[opaque.kind], checksum: 'ok' };
  const jwt = decodeJwt(token);
  if (jwt === undefined) return undefined;
  const { header, payload } = jwt;
  const { exp } = payload;
  return {
    format: 'jwt',
    header,
    claims: payload,
    expired: typeof exp === 'number' ? nowMs >= exp * 1000 : undefined,
    signature: 'not checked',
  };
}

/** What can be shown of a token without giving it away. */
export function hideToken(token: string): string {
  const prefix = /^tsr_[a-z]+_/.exec(token)?.[0] ?? '';
  return `${prefix}…${token.slice(-4)}`;
}
