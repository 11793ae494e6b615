/** A format of access tokens. Adding one is a file here that exports one of these, and a line in `index.ts`. */
import type { AccessToken } from '../access-token.ts';
import type { PresentedRequest } from '../bearer.ts';
import type { Clock } from '../clock.ts';
import type { Memory } from '../memory.ts';
import type { TrustedIssuer } from '../trusted-issuer.ts';
import type { SharedOptions } from '../verifier-options.ts';

export interface TokenFormat {
  /** Whether a token can be of this format, told without trusting anything in it. The first format to say so gets it. */
  looks(token: string): boolean;
  /**
   * Checks everything that the token itself says. What comes after it is the same for every format: revocation, the
   * key or certificate that the token is bound to, sign-in, scopes.
   * @param request undefined where the caller has nothing but the token
   * @returns at once where nothing has to be waited for
   * @throws TokenError, JwtError
   */
  verify(token: string, request: PresentedRequest | undefined): AccessToken | Promise<AccessToken>;
  /** Tokens of this format at places of their own, for requests whose Authorization header holds none. */
  find?(request: PresentedRequest): Promise<readonly string[]>;
}

/** What a format is made from. */
export interface FormatParts {
  /** In the order of the options; never empty. */
  readonly issuers: readonly TrustedIssuer[];
  readonly clock: Clock;
  /** Where what was verified may be remembered. */
  readonly memory: Memory;
  readonly options: SharedOptions;
}

/**
 * A format whose code is loaded when the first token of it arrives, so that nobody else pays for it at the start.
 * @param load gives the format itself; asked once, and again only after it failed
 */
export function loadedWhenSeen(
  looks: TokenFormat['looks'],
  load: () => Promise<Pick<TokenFormat, 'verify'>>,
): TokenFormat {
  let loaded: Pick<TokenFormat, 'verify'> | undefined;
  return {
    looks,
    verify(token, request) {
      if (loaded !== undefined) return loaded.verify(token, request);
      return load().then((format) => (loaded = format).verify(token, request));
    },
  };
}
