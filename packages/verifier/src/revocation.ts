/**
 * Where a verifier hears that a good token is not good any more. Every answer passes here, remembered or not: a token
 * that was verified is shown to each source, and each may say no. So a revocation beats every cache by the order of
 * things; dropping what is remembered on top of it is for tokens whose next answer should come from the issuer.
 * @spec RFC 7009 §1; RFC 7662 §4
 */
import { hashTokenString } from '@tessera/tokens';
import type { AccessToken } from './access-token.ts';
import { TokenError } from './token-error.ts';

/** A token for which everything else holds. */
export interface VerifiedToken {
  /** As it was presented. */
  readonly token: string;
  readonly accessToken: AccessToken;
}

/** Pushed events, status lists and the like. */
export interface RevocationSource {
  /**
   * Asked for every token just before it is answered, and before a proof of possession is spent on it.
   * @returns nothing for a token that may pass; a promise only where something has to be fetched first
   * @throws TokenError `revoked`, or `unavailable` where not knowing must not pass; anything else counts as `unavailable`
   */
  check(verified: VerifiedToken): void | Promise<void>;
  /** Called once, by `createVerifier`. What it starts must not keep the process alive. */
  start?(memory: Forgetful): void;
  /** Ends what `start` began. */
  close?(): void;
}

/** What a verifier remembers, for those who know that some of it is out of date. An answer under way is not kept either. */
export interface Forgetful {
  /** @param idHash see `tokenIdHash` */
  forgetToken(idHash: Uint8Array): void;
  forgetGrant(grantId: string): void;
  /** After a new policy epoch, or a gap in the events. */
  forgetAll(): void;
}

/**
 * The hash by which the server knows a token in its events and rows: of an opaque token itself, of the `jti` of others.
 * @returns 32 bytes; undefined for a token that has no `jti`
 */
export function tokenIdHash({ token, accessToken }: VerifiedToken): Uint8Array | undefined {
  if (accessToken.format === 'opaque') return hashTokenString(token);
  return accessToken.tokenId === undefined ? undefined : hashTokenString(accessToken.tokenId);
}

/** The grant that a token came from, where it says so. */
export function grantIdOf({ claims }: AccessToken): string | undefined {
  const { grant_id: grantId } = claims;
  return typeof grantId === 'string' ? grantId : undefined;
}

/** Shows the token to each source in turn. @throws TokenError as soon as one says no */
export function checkRevocation(
  sources: readonly RevocationSource[],
  verified: VerifiedToken,
): void | Promise<void> {
  for (const [index, source] of sources.entries()) {
    const checked = ask(source, verified);
    if (checked !== undefined) return checked.then(() => checkRevocation(sources.slice(index + 1), verified));
  }
}

function ask(source: RevocationSource, verified: VerifiedToken): undefined | Promise<void> {
  try {
    return source.check(verified)?.catch(asTokenError);
  } catch (error) {
    return asTokenError(error);
  }
}

function asTokenError(error: unknown): never {
  throw error instanceof TokenError ? error : new TokenError('unavailable', undefined, { cause: error });
}
