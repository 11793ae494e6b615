/**
 * For MCP servers: a verifier for the bearer middleware of the official SDK, and a middleware of our own that also knows
 * which scopes each tool needs.
 * @spec MCP Authorization 2026-07-28, Access Token Usage and Scope Challenge Handling; RFC 6750 §3; RFC 9728 §5.1
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import {
  InsufficientScopeError,
  InvalidRequestError,
  InvalidTokenError,
  ServerError,
} from '@modelcontextprotocol/sdk/server/auth/errors.js';
import type { OAuthTokenVerifier } from '@modelcontextprotocol/sdk/server/auth/provider.js';
import type { AuthInfo } from '@modelcontextprotocol/sdk/server/auth/types.js';
import type { AccessToken } from '../access-token.ts';
import { readAccessToken } from '../bearer.ts';
import { protectedResourceMetadata, protectedResourceMetadataUrl } from '../protected-resource-metadata.ts';
import type { ProtectedResourceMetadata } from '../protected-resource-metadata.ts';
import { createProtection } from '../protection.ts';
import type { ProtectOptions, RefusalResponse } from '../protection.ts';
import { requireScopeNames, requireScopes } from '../scope.ts';
import { TokenError } from '../token-error.ts';
import type { Scheme } from '../token-error.ts';
import { agreesWithHeaders, toolCallsOf } from '../tool-calls.ts';
import type { ToolCall } from '../tool-calls.ts';
import type { Verifier } from '../verifier.ts';
import { presentedBy, serveProtectedResourceMetadata } from './node.ts';
import type { Next, ProtectableRequest } from './node.ts';

/** For `requireBearerAuth({ verifier: oauthTokenVerifier(verifier), … })` of the SDK. */
export function oauthTokenVerifier(verifier: Verifier): OAuthTokenVerifier {
  return {
    async verifyAccessToken(token) {
      try {
        return toAuthInfo(token, await verifier.verify(token), verifier.audience);
      } catch (error) {
        throw error instanceof TokenError ? toSdkError(error) : error;
      }
    },
  };
}

/** The SDK's middleware answers by the class of the error; what none of its classes says becomes a 500. */
function toSdkError(error: TokenError): Error {
  switch (error.error) {
    case 'invalid_token':
      return new InvalidTokenError(error.description);
    case 'insufficient_scope':
      return new InsufficientScopeError(error.description);
    case 'invalid_request':
      return new InvalidRequestError(error.description);
    default:
      return new ServerError(error.description);
  }
}

function toAuthInfo(token: string, accessToken: AccessToken, audience: string): AuthInfo {
  const { clientId, scopes, exp, sub, kind } = accessToken;
  return {
    token,
    clientId,
    scopes: [...scopes],
    expiresAt: exp,
    ...(URL.canParse(audience) ? { resource: new URL(audience) } : {}),
    extra: { sub, kind },
  };
}

/** A request on its way through `protect`; the SDK's transports hand `auth` to the tools as `authInfo`. */
export interface McpRequest extends ProtectableRequest {
  auth?: AuthInfo;
  /** The parsed JSON: what a middleware before this one read, or what this one did. */
  body?: unknown;
}

export interface McpProtectOptions extends ProtectOptions<McpRequest> {
  /**
   * What a call of each tool needs beside `scopes`. When given, a tool that is not named here cannot be called, so that
   * a new tool is not open by oversight.
   */
  readonly toolScopes?: Readonly<Record<string, readonly string[]>>;
  /** The name of the MCP server in its metadata. */
  readonly resourceName?: string;
}

/**
 * Middleware for `node:http` and Express: lets a message pass with `req.auth` and `req.body` set, or answers it. The
 * body is read only after the token has been found good. Requests for the metadata of the MCP server, whose identifier
 * is the verifier's audience, are answered too, where this middleware sees them.
 * @throws TypeError when an option could never work
 */
export function protect(
  options: McpProtectOptions,
): (req: McpRequest, res: ServerResponse, next: Next) => Promise<void> {
  const check = createCheck(options);
  const metadata = serveProtectedResourceMetadata(metadataOf(options));
  return async (req, res, next) => {
    let passed = false;
    metadata(req, res, () => (passed = true));
    return passed ? check(req, res, next) : undefined;
  };
}

function metadataOf({ verifier, scopes, resourceName }: McpProtectOptions): ProtectedResourceMetadata {
  return protectedResourceMetadata({
    resource: verifier.audience,
    authorizationServers: verifier.issuers,
    ...(scopes === undefined ? {} : { scopesSupported: scopes }),
    ...(resourceName === undefined ? {} : { resourceName }),
  });
}

function createCheck(options: McpProtectOptions): ReturnType<typeof protect> {
  const { scopes = [], toolScopes, verifier } = options;
  if (toolScopes !== undefined) requireScopeNames(Object.values(toolScopes).flat());
  const protection = createProtection({
    ...options,
    resourceMetadataUrl: options.resourceMetadataUrl ?? protectedResourceMetadataUrl(verifier.audience),
  });
  return async (req, res, next) => {
    delete req.auth;
    delete req.accessToken;
    let scheme: Scheme | undefined;
    try {
      const presented = presentedBy(req);
      const accessToken = await verifier.verify(presented);
      const { token, scheme: used } = readAccessToken(presented);
      scheme = used;
      // With the scopes of the call, all at once: a client told of one after the other would ask its person twice.
      const needed = new Set([...scopes, ...(await scopesOfCall(req, toolScopes))]);
      requireScopes(accessToken.scopes, [...needed]);
      req.accessToken = accessToken;
      req.auth = toAuthInfo(token, accessToken, verifier.audience);
    } catch (error) {
      if (error instanceof TokenError) {
        return refuse(res, protection.refusal(completed(error, scopes, scheme), req));
      }
      if (error instanceof BadMessage) return error.answer(res);
      return next(error);
    }
    return next();
  };
}

/** A challenge names what to ask for from the start, whatever is wrong with the token (RFC 6750 §3). */
function completed(error: TokenError, needed: readonly string[], scheme = error.scheme): TokenError {
  const { code, description, cause, dpopNonce, scopes = needed } = error;
  return new TokenError(code, description, {
    cause,
    scheme,
    ...(scopes.length === 0 ? {} : { scopes }),
    ...(dpopNonce === undefined ? {} : { dpopNonce }),
  });
}

/** @throws BadMessage for a message that nobody may send */
async function scopesOfCall(
  req: McpRequest,
  toolScopes: McpProtectOptions['toolScopes'],
): Promise<readonly string[]> {
  if (req.method !== 'POST') return [];
  req.body ??= await readJson(req);
  const calls = toolCallsOf(req.body);
  if (!agreesWithHeaders(req.body, routingHeaders(req))) throw new BadMessage(HEADER_MISMATCH, calls[0]);
  return scopesOfTools(calls, toolScopes);
}

/** @throws BadMessage for a tool that nobody may call */
function scopesOfTools(
  calls: readonly ToolCall[],
  toolScopes: McpProtectOptions['toolScopes'],
): readonly string[] {
  if (toolScopes === undefined) return [];
  return calls.flatMap((call) => {
    if (!Object.hasOwn(toolScopes, call.tool)) throw new BadMessage(UNKNOWN_TOOL, call);
    return toolScopes[call.tool] ?? [];
  });
}

function refuse(res: ServerResponse, { status, headers, body }: RefusalResponse): void {
  res.writeHead(status, headers).end(body);
}

function routingHeaders({ headers }: IncomingMessage): {
  readonly method: string | undefined;
  readonly name: string | undefined;
} {
  const [method, name] = [headers['mcp-method'], headers['mcp-name']];
  return { method: [method].flat().join(',') || undefined, name: [name].flat().join(',') || undefined };
}

const PARSE_ERROR = { status: 400, code: -32700, message: 'The body is not JSON' };
const TOO_LARGE = { status: 413, code: -32600, message: 'The body is larger than 4 MB' };
const HEADER_MISMATCH = { status: 400, code: -32020, message: 'Mcp-Method or Mcp-Name contradicts the body' };
/** A client shows this to its model as it is; another status would look like an outage to it. */
const UNKNOWN_TOOL = { status: 200, code: -32602, message: 'This tool is not known here' };

/** A message that is refused whoever sends it. */
class BadMessage extends Error {
  readonly #problem: typeof PARSE_ERROR;
  readonly #id: ToolCall['id'];

  constructor(problem: typeof PARSE_ERROR, call?: ToolCall) {
    super(problem.message);
    this.#problem = problem;
    this.#id = call?.id ?? null;
  }

  answer(res: ServerResponse): void {
    const { status, code, message } = this.#problem;
    const body = JSON.stringify({ jsonrpc: '2.0', id: this.#id, error: { code, message } });
    res.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' }).end(body);
  }
}

/** What the SDK's own transport takes. */
const MAXIMUM_BYTES = 4 * 1024 * 1024;

async function readJson(req: IncomingMessage): Promise<unknown> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of req as AsyncIterable<Uint8Array>) {
    size += chunk.length;
    if (size > MAXIMUM_BYTES) throw new BadMessage(TOO_LARGE);
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch {
    throw new BadMessage(PARSE_ERROR);
  }
}
