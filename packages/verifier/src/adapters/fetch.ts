/**
 * For servers that speak `Request` and `Response`: Bun, Deno, workers, Hono and the like.
 * @spec RFC 6750 §3; RFC 9728 §3
 */
import type { AccessToken } from '../access-token.ts';
import { METADATA_HEADERS, METADATA_PREFLIGHT_HEADERS } from '../metadata-response.ts';
import { protectedResourceMetadataPaths } from '../protected-resource-metadata.ts';
import type { ProtectedResourceMetadata } from '../protected-resource-metadata.ts';
import { createProtection } from '../protection.ts';
import type { ProtectOptions } from '../protection.ts';

export type ProtectedHandler<Rest extends readonly unknown[]> = (
  request: Request,
  accessToken: AccessToken,
  ...rest: Rest
) => Response | Promise<Response>;

/**
 * Wraps a handler: it runs only for requests that pass, with the access token as its second argument.
 * What the platform passes after the request comes after the token.
 */
export function protect(
  options: ProtectOptions<Request>,
): <Rest extends readonly unknown[]>(
  handler: ProtectedHandler<Rest>,
) => (request: Request, ...rest: Rest) => Promise<Response> {
  const protection = createProtection(options);
  return (handler) =>
    async (request, ...rest) => {
      const { accessToken, refusal } = await protection.check(request, request);
      if (accessToken !== undefined) return handler(request, accessToken, ...rest);
      const { status, headers, body } = refusal;
      return new Response(request.method === 'HEAD' ? null : body, { status, headers });
    };
}

/** @returns a function that answers requests for the API's metadata, and undefined to all others */
export function serveProtectedResourceMetadata(
  metadata: ProtectedResourceMetadata,
): (request: Request) => Response | undefined {
  const paths = new Set(protectedResourceMetadataPaths(metadata));
  const body = JSON.stringify(metadata);
  return (request) => {
    if (!paths.has(new URL(request.url).pathname)) return undefined;
    switch (request.method) {
      case 'GET':
        return new Response(body, { headers: METADATA_HEADERS });
      case 'HEAD':
        return new Response(null, { headers: METADATA_HEADERS });
      case 'OPTIONS':
        return new Response(null, { status: 204, headers: METADATA_PREFLIGHT_HEADERS });
      default:
        return undefined;
    }
  };
}
