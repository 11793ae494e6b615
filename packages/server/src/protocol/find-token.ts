/**
 * Finds what a token string stands for: an access token of any format, a refresh token, a personal access token or a
 * client token.
 * @spec RFC 7662 §2.1, RFC 7009 §2.1
 */
import {
  hashTokenString,
  JwtError,
  parseTokenString,
  type VerificationKey,
  verifyJwt,
} from '@tessera/tokens';
import type { ClientToken } from '../domain/client-token.ts';
import { SIGNING_ALGS } from '../domain/resource.ts';
import type { AccessTokenState, AccessTokens } from '../ports/access-tokens.ts';
import type { PersonalAccessTokens, PersonalTokenState } from '../ports/personal-access-tokens.ts';
import type { ClientTokens } from '../ports/client-tokens.ts';
import type { RefreshTokenState, RefreshTokens } from '../ports/refresh-tokens.ts';
import type { CatTokens } from './cat-tokens.ts';
import type { KeyRing } from './key-ring.ts';

export type FoundToken =
  | { readonly kind: 'access_token'; readonly state: AccessTokenState }
  | { readonly kind: 'refresh_token'; readonly state: RefreshTokenState }
  | { readonly kind: 'personal_access_token'; readonly state: PersonalTokenState }
  | { readonly kind: 'client_token'; readonly token: ClientToken };

export interface FindTokenDependencies {
  readonly accessTokens: AccessTokens;
  readonly refreshTokens: RefreshTokens;
  readonly personalAccessTokens: Pick<PersonalAccessTokens, 'findByHash'>;
  readonly clientTokens: Pick<ClientTokens, 'find'>;
  readonly keyRing: KeyRing;
  readonly catTokens: Pick<CatTokens, 'jtiOf'>;
}

export type TokenFinder = (token: string) => Promise<FoundToken | undefined>;

/** The kind is in the string, so `token_type_hint` is not needed; a JWT, CWT or CAT must be one that we signed. */
export function createTokenFinder(dependencies: FindTokenDependencies): TokenFinder {
  const { accessTokens, refreshTokens, personalAccessTokens, clientTokens, keyRing, catTokens } =
    dependencies;
  const jwtId = createJwtIdReader(keyRing);
  const cwtId = createCwtIdReader(keyRing);
  return async (token) => {
    const kind = parseTokenString(token)?.kind;
    if (kind === 'rt') {
      const state = await refreshTokens.find(hashTokenString(token));
      return state === undefined ? undefined : { kind: 'refresh_token', state };
    }
    if (kind === 'pat') {
      const state = await personalAccessTokens.findByHash(hashTokenString(token));
      return state === undefined ? undefined : { kind: 'personal_access_token', state };
    }
    if (kind === 'ct') {
      const found = await clientTokens.find(hashTokenString(token));
      return found === undefined ? undefined : { kind: 'client_token', token: found };
    }
    let handle: string | undefined;
    if (kind === 'at') handle = token;
    else if (token.includes('.')) handle = await jwtId(token);
    else if (kind === undefined) handle = (await cwtId(token)) ?? (await catTokens.jtiOf(token));
    if (handle === undefined) return undefined;
    const state = await accessTokens.find(hashTokenString(handle));
    return state === undefined ? undefined : { kind: 'access_token', state };
  };
}

function createJwtIdReader(keyRing: KeyRing): (token: string) => Promise<string | undefined> {
  return async (token) => {
    try {
      const { payload } = await verifyJwt(token, {
        findKey: (kid) => (kid === undefined ? undefined : findKey(kid, keyRing)),
        typ: ['at+jwt'],
        algs: SIGNING_ALGS,
      });
      const jti = payload['jti'];
      return typeof jti === 'string' ? jti : undefined;
    } catch (error) {
      if (error instanceof JwtError) return undefined;
      throw error;
    }
  };
}

/** The tags 61 and 18: our CWTs are written so. */
const CWT_BEGINNING = '2D3S';

function createCwtIdReader(keyRing: KeyRing): (token: string) => Promise<string | undefined> {
  return async (token) => {
    if (!token.startsWith(CWT_BEGINNING)) return undefined;
    // Loaded with the first CWT: most servers never see one.
    const { CoseError, CWT_ACCESS_TOKEN_TYP, verifyCwt } = await import('@tessera/tokens/cwt');
    try {
      const { payload } = await verifyCwt(token, {
        findKey: (kid) => (kid === undefined ? undefined : findKey(kid, keyRing)),
        typ: [CWT_ACCESS_TOKEN_TYP],
        algs: ['ES256'],
      });
      const { jti } = payload;
      return typeof jti === 'string' ? jti : undefined;
    } catch (error) {
      if (error instanceof CoseError) return undefined;
      throw error;
    }
  };
}

/** A key that is not known here may be one that another node signs with already; looking costs as much as any token. */
function findKey(
  kid: string,
  keyRing: KeyRing,
): VerificationKey | undefined | Promise<VerificationKey | undefined> {
  return keyRing.verificationKey(kid) ?? keyRing.refresh().then(() => keyRing.verificationKey(kid));
}
