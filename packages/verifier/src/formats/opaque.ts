/**
 * Opaque access tokens: the issuer is asked.
 * @spec RFC 7662 §2; RFC 6749 §1.4
 */
import { parseTokenString } from '@tessera/tokens';
import type { TokenKind } from '@tessera/tokens';
import type { AccessToken } from '../access-token.ts';
import type { PresentedRequest } from '../bearer.ts';
import type { Clock } from '../clock.ts';
import { askIntrospection, readIntrospection } from '../introspection.ts';
import type { Memory, Remembered, TokenCache } from '../memory.ts';
import { TokenError } from '../token-error.ts';
import { TESSERA_PREFIX } from '../trusted-issuer.ts';
import type { TrustedIssuer } from '../trusted-issuer.ts';
import type { FormatParts, TokenFormat } from './token-format.ts';

/** Kinds of token strings that are sent to APIs; a refresh token or a code never is. */
const JUDGED_BY_USE = ['pat', 'ct'].map((kind) => `${TESSERA_PREFIX}${kind}_`);
const PRESENTABLE_KINDS: ReadonlySet<TokenKind> = new Set<TokenKind>(['at', 'pat', 'ct']);

export function createOpaqueFormat({ issuers, clock, memory, options }: FormatParts): TokenFormat {
  const { introspectionCacheSeconds = 0 } = options;
  const prefixes = [...new Set([TESSERA_PREFIX, ...issuers.map((each) => each.opaquePrefix)])];
  return new OpaqueFormat(prefixes, issuers, clock, memory, introspectionCacheSeconds * 1000);
}

class OpaqueFormat implements TokenFormat {
  readonly #prefixes: readonly string[];
  readonly #issuers: readonly TrustedIssuer[];
  readonly #clock: Clock;
  readonly #memory: Memory;
  readonly #cache: TokenCache<Remembered>;
  readonly #lifetimeMs: number;

  constructor(
    prefixes: readonly string[],
    issuers: readonly TrustedIssuer[],
    clock: Clock,
    memory: Memory,
    lifetimeMs: number,
  ) {
    this.#prefixes = prefixes;
    this.#issuers = issuers;
    this.#clock = clock;
    this.#memory = memory;
    this.#cache = memory.createCache();
    this.#lifetimeMs = lifetimeMs;
  }

  looks(token: string): boolean {
    return this.#prefixes.some((prefix) => token.startsWith(prefix));
  }

  verify(token: string, request: PresentedRequest | undefined): AccessToken | Promise<AccessToken> {
    const caller = request?.client?.ip !== undefined && isJudgedByUse(token) ? request.client.ip : undefined;
    const remembered = this.#cache.get(token, caller);
    if (remembered !== undefined) return remembered.accessToken;
    if (token.startsWith(TESSERA_PREFIX)) requirePresentable(token);
    const asked = this.#issuers.filter(
      (each) => each.introspect !== undefined && token.startsWith(each.opaquePrefix),
    );
    if (asked.length === 0) throw new TokenError('malformed_token');
    return this.#ask(token, asked, caller);
  }

  async #ask(
    token: string,
    issuers: readonly TrustedIssuer[],
    caller: string | undefined,
  ): Promise<AccessToken> {
    const asOf = this.#memory.moment();
    const accessToken = await firstAnswer(token, issuers, this.#clock, caller);
    if (this.#lifetimeMs > 0) {
      this.#cache.put(token, { accessToken, until: this.#clock() + this.#lifetimeMs }, asOf, caller);
    }
    return accessToken;
  }
}

/** Personal access tokens and client tokens: nobody renews them, so policies look at each use. Others go without. */
function isJudgedByUse(token: string): boolean {
  return JUDGED_BY_USE.some((prefix) => token.startsWith(prefix));
}

function requirePresentable(token: string): void {
  const kind = parseTokenString(token)?.kind;
  if (kind === undefined || !PRESENTABLE_KINDS.has(kind)) throw new TokenError('malformed_token');
}

/**
 * One issuer after the other, until one knows the token. One that cannot be asked may be the one that would have known
 * it, so what the others do not know is then `unavailable` rather than refused for good.
 * @throws TokenError of the issuer that said most about it
 */
async function firstAnswer(
  token: string,
  issuers: readonly TrustedIssuer[],
  clock: Clock,
  caller: string | undefined,
): Promise<AccessToken> {
  let refusal: unknown = new TokenError('unknown_token');
  for (const { issuer, audience, introspect } of issuers) {
    if (introspect === undefined) continue;
    try {
      const answer = await askIntrospection(introspect, token, caller);
      return readIntrospection(answer, { issuer, audience, nowMs: clock() });
    } catch (error) {
      if (!(error instanceof TokenError)) throw error;
      if (error.code !== 'unknown_token' && error.code !== 'unavailable') throw error;
      if (error.code === 'unavailable') refusal = error;
    }
  }
  throw refusal;
}
