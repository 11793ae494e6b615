/**
 * For Fastify: a hook for each route, and the API's metadata as a plugin.
 * @spec RFC 6750 §3; RFC 9728 §3
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { AccessToken } from '../access-token.ts';
import { METADATA_HEADERS, METADATA_PREFLIGHT_HEADERS } from '../metadata-response.ts';
import { protectedResourceMetadataPaths } from '../protected-resource-metadata.ts';
import type { ProtectedResourceMetadata } from '../protected-resource-metadata.ts';
import { createProtection } from '../protection.ts';
import type { ProtectOptions } from '../protection.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** There once `protect` has let the request pass. */
    accessToken?: AccessToken;
  }
}

/** @returns a hook: `{ onRequest: protect({ verifier, scopes: ['read'] }) }`; the body is read only after it */
export function protect(
  options: ProtectOptions<FastifyRequest>,
): (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply | undefined> {
  const protection = createProtection(options);
  return async (request, reply) => {
    const { rawHeaders, headers, socket } = request.raw;
    // What a proxy that Fastify trusts says, else the Host header.
    const origin = (): string => `${request.protocol}://${request.host}`;
    // The URL as it came, before any rewriting: a token in it counts as exposed.
    const { method, originalUrl: url } = request;
    const presented = { method, url, headers, rawHeaders, socket, origin };
    const { accessToken, refusal } = await protection.check(presented, request);
    if (accessToken === undefined)
      return reply.code(refusal.status).headers(refusal.headers).send(refusal.body);
    request.accessToken = accessToken;
    return undefined;
  };
}

/** @returns a plugin: `app.register(serveProtectedResourceMetadata(metadata))` */
export function serveProtectedResourceMetadata(
  metadata: ProtectedResourceMetadata,
): (app: FastifyInstance) => Promise<void> {
  const body = JSON.stringify(metadata);
  return async (app) => {
    for (const path of protectedResourceMetadataPaths(metadata)) {
      app.get(path, (_request, reply) => reply.headers(METADATA_HEADERS).send(body));
      app.options(path, (_request, reply) => reply.code(204).headers(METADATA_PREFLIGHT_HEADERS).send());
    }
  };
}
