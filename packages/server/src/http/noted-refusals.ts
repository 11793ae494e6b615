/**
 * Why a request is being refused, until its answer is reported. Costs nothing to a request that is answered.
 */
import { hashTokenString, parseTokenString } from '@tessera/tokens';
import { TokenError } from '@tessera/verifier';
import type { FastifyRequest } from 'fastify';
import { presentedClientId } from '../protocol/client-authentication/index.ts';
import { OAuthError } from '../protocol/oauth-error.ts';

/** What is noted of a refusal, besides the request. */
export interface NotedRefusal {
  readonly error: string;
  /** What the client is told. */
  readonly description: string;
  /** What the client is not told; never holds a token, code or secret. */
  readonly detail?: string;
  /** The client that the request names: it may be anything, a secret in the wrong place too. */
  readonly claimedClientId?: string;
  /** What may be kept of a redirect URI that is not registered. */
  readonly redirectUri?: string;
  /** The hash of its access token, where it is an opaque one. */
  readonly tokenId?: Uint8Array;
  /** Present where the answer is our fault. */
  readonly failure?: unknown;
}

interface Refused {
  readonly error: string;
  readonly description: string;
  readonly detail?: string | undefined;
  readonly clientId?: string | undefined;
  readonly redirectUri?: string | undefined;
  /** A token that came by another way than the header. */
  readonly token?: string | undefined;
}

const noted = new WeakMap<FastifyRequest, NotedRefusal>();

/**
 * Notes why a request is refused. The first to say so knows best.
 * @param thrown what the refusal began with
 * @param fault whether it is ours: then the log gets what was thrown
 */
export function noteRefusal(
  request: FastifyRequest,
  refused: Refused,
  thrown?: unknown,
  fault = false,
): void {
  if (noted.has(request)) return;
  const { error, description, clientId, token = bearerToken(request) } = refused;
  const redirectUri =
    refused.redirectUri ?? (thrown instanceof OAuthError ? thrown.refusedRedirectUri : undefined);
  const detail = refused.detail ?? detailOf(thrown, fault);
  const isOpaque = token !== undefined && parseTokenString(token)?.kind === 'at';
  noted.set(request, {
    error,
    description,
    ...(detail === undefined ? {} : { detail }),
    ...(clientId === undefined ? {} : { claimedClientId: clientId }),
    ...(redirectUri === undefined ? {} : { redirectUri }),
    ...(isOpaque ? { tokenId: hashTokenString(token) } : {}),
    ...(fault ? { failure: thrown } : {}),
  });
}

export function notedRefusal(request: FastifyRequest): NotedRefusal | undefined {
  return noted.get(request);
}

/** The client that a request to an OAuth endpoint says it comes from; nothing is proven by it. */
export function claimedClientId({ headers, body, query, params }: FastifyRequest): string | undefined {
  const { client_id: inPath } = Object(params);
  if (typeof inPath === 'string') return inPath;
  return presentedClientId(headers.authorization, body) ?? presentedClientId(undefined, query);
}

function bearerToken({ headers }: FastifyRequest): string | undefined {
  return /^(?:bearer|dpop) +(\S+)$/i.exec(headers.authorization ?? '')?.[1];
}

/** Of a fault only its name: its message may quote what a client sent, and goes to the log alone. */
function detailOf(thrown: unknown, fault: boolean): string | undefined {
  if (thrown instanceof OAuthError) return thrown.detail;
  if (thrown instanceof TokenError) {
    const { code } = Object(thrown.cause);
    return typeof code === 'string' ? `${thrown.code}: ${code}` : thrown.code;
  }
  return fault && thrown instanceof Error ? thrown.name : undefined;
}
