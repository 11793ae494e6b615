/** What a request must show to take a route: a good token for the API, far enough in reach, bound as the route asks. */
import { type AccessToken, type PresentedRequest, TokenError, type Verifier } from '@tessera/verifier';
import type { CheckConfig } from '../config/route-schema.ts';
import { GatewayError } from '../refusal.ts';
import { createTokenReader, tokenOf } from './presented-token.ts';
import type { TakeAllowance } from './quota.ts';

export interface PassedRequest {
  readonly accessToken: AccessToken;
  /** As it was sent; for the upstream if the route says so, never for logs. */
  readonly token: string;
  /** The request of a Common Access Token, which speaks about more than the token can show. */
  readonly presented: PresentedRequest | undefined;
}

/**
 * @param further gives the scopes that this one request needs besides; asked only once the token is found good
 * @throws TokenError, GatewayError, and whatever `further` throws
 */
export type RouteCheck = (
  request: PresentedRequest,
  further?: () => Promise<readonly string[]>,
) => Promise<PassedRequest>;

export function createRouteCheck(
  check: CheckConfig,
  verifier: Verifier,
  takeAllowance: TakeAllowance | undefined,
): RouteCheck {
  const present = createTokenReader(check.header, check.prefix);
  const { scopes_all: all = [], scopes_any: any, binding } = check;
  const named = [...new Set([...all, ...(any ?? [])])];
  const { basic_personal_tokens: basicPersonalTokens } = check;
  // What was sent may be more than the token.
  const isWrapped = check.cat !== undefined || basicPersonalTokens;
  const needs = { ...(all.length === 0 ? {} : { scopes: all }), basicPersonalTokens };
  return async (request, further) => {
    const presented = namingScopes(() => present(request), named);
    let chosen: string | undefined;
    const wanted = further === undefined ? needs : { basicPersonalTokens };
    const onAccepted = (token: string): void => void (chosen = token);
    const accessToken = await verifier
      .verify(presented, isWrapped ? { ...wanted, onAccepted } : wanted)
      .catch((error: unknown) => {
        throw withScopes(error, named);
      });
    if (further !== undefined) requireAll(accessToken, [...all, ...(await further())]);
    if (any !== undefined && !any.some((scope) => accessToken.scopes.includes(scope))) {
      throw insufficient(accessToken, named);
    }
    requireBinding(accessToken, binding);
    const token = chosen ?? tokenOf(presented);
    takeAllowance?.(accessToken, token);
    return { accessToken, token, presented: accessToken.format === 'cat' ? presented : undefined };
  };
}

function requireAll(accessToken: AccessToken, needed: readonly string[]): void {
  if (!needed.every((scope) => accessToken.scopes.includes(scope))) {
    throw insufficient(accessToken, [...new Set(needed)]);
  }
}

function insufficient({ confirmation }: AccessToken, scopes: readonly string[]): TokenError {
  const scheme = confirmation?.jkt === undefined ? 'Bearer' : 'DPoP';
  return new TokenError('insufficient_scope', undefined, { scopes, scheme });
}

function namingScopes<Value>(read: () => Value, named: readonly string[]): Value {
  try {
    return read();
  } catch (error) {
    throw withScopes(error, named);
  }
}

/** A challenge names every scope that the route asks for, whatever is wrong with the token (RFC 6750 §3). */
function withScopes(error: unknown, scopes: readonly string[]): unknown {
  if (!(error instanceof TokenError) || scopes.length === 0) return error;
  const { code, description, cause, dpopNonce, scheme, answer } = error;
  const nonce = dpopNonce === undefined ? {} : { dpopNonce };
  const own = answer === undefined ? {} : { answer };
  return new TokenError(code, description, { cause, scheme, scopes, ...nonce, ...own });
}

function requireBinding({ confirmation }: AccessToken, binding: CheckConfig['binding']): void {
  const isBound =
    binding === 'none' ||
    (binding === 'any' && confirmation !== undefined) ||
    (binding === 'dpop' && confirmation?.jkt !== undefined) ||
    (binding === 'mtls' && confirmation?.['x5t#S256'] !== undefined);
  if (!isBound) throw new GatewayError('binding_required');
}
