/**
 * The description of an API, made from the schemas its routes are checked with.
 *
 * @spec OpenAPI 3.1
 */
import swagger from '@fastify/swagger';
import type { Api } from './api.ts';

export interface DescribedApi {
  readonly title: string;
  readonly description: string;
  readonly scope: string;
  readonly issuer: string;
  readonly tags: readonly { readonly name: string; readonly description: string }[];
}

/** Serves `/openapi.json` for the routes that are registered on `api` after this. */
export async function describeApi(api: Api, described: DescribedApi): Promise<void> {
  await api.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: described.title, description: described.description, version: '1' },
      servers: [{ url: described.issuer }],
      tags: described.tags.map((tag) => ({ ...tag })),
      components: {
        securitySchemes: {
          bearer: {
            type: 'http',
            scheme: 'bearer',
            description: `An access token of a person, with the scope \`${described.scope}\`, for the API urn:tessera:api`,
          },
        },
      },
    },
  });
  api.get('/openapi.json', { schema: { hide: true } }, (_request, reply) => {
    // The description holds no secret and is the same for everybody.
    void reply.header('cache-control', 'public, max-age=60');
    return reply.type('application/json').serializer(JSON.stringify).send(api.swagger());
  });
}
