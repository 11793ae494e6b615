/** What a token says of itself, without asking anybody and without trusting a word of it. */
import { tokenKindName } from '@tessera/tokens';
import { readToken as readAnyToken } from '@tessera/tokens/explain';

type Members = Readonly<Record<string, unknown>>;

export type ReadToken =
  | { readonly format: 'opaque'; readonly kind: string; readonly checksum: 'ok' }
  | {
      readonly format: 'jwt' | 'cwt' | 'cat';
      readonly header: Members;
      readonly claims: Members;
      readonly expired: boolean | undefined;
      readonly signature: 'not checked';
      /** In the notation of RFC 8949 §8; absent for a JWT, which needs none. */
      readonly diagnostic?: string;
    };

/** @param nowMs milliseconds @returns undefined for what is no token, or has been mistyped */
export function readToken(token: string, nowMs: number): ReadToken | undefined {
  const read = readAnyToken(token);
  if (read === undefined) return undefined;
  if (read.format === 'opaque') return { format: 'opaque', kind: tokenKindName(read.kind), checksum: 'ok' };
  const { format, header, claims } = read;
  const { exp } = claims;
  return {
    format,
    header,
    claims,
    expired: typeof exp === 'number' ? nowMs >= exp * 1000 : undefined,
    signature: 'not checked',
    ...(read.format !== 'jwt' && { diagnostic: read.diagnostic }),
  };
}

/** What can be shown of a token without giving it away. */
export function hideToken(token: string): string {
  const prefix = /^tsr_[a-z]+_/.exec(token)?.[0] ?? '';
  return `${prefix}…${token.slice(-4)}`;
}
