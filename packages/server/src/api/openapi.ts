/**
 * The description of an API, made from the schemas its routes are checked with.
 *
 * @spec OpenAPI 3.1
 */
import Fastify, { type RouteOptions } from 'fastify';
import type { Api } from './api.ts';

export interface DescribedApi {
  readonly title: string;
  readonly description: string;
  readonly scope: string;
  readonly issuer: string;
  readonly tags: readonly { readonly name: string; readonly description: string }[];
}

/**
 * Serves `/openapi.json` for the routes that are registered on `api` after this. The description is made when first
 * asked for: what makes it is not read at a start.
 */
export function describeApi(api: Api, described: DescribedApi): void {
  const routes: RouteOptions[] = [];
  let description: Promise<string> | undefined;
  api.get('/openapi.json', (_request, reply) => {
    description ??= descriptionOf(routes, described).catch((error: unknown) => {
      // What failed once, such as reading a file, may not the next time.
      description = undefined;
      throw error;
    });
    // The description holds no secret and is the same for everybody.
    void reply.header('cache-control', 'public, max-age=60');
    return description.then((text) => reply.type('application/json').send(text));
  });
  api.addHook('onRoute', (route) => {
    if (route.method !== 'HEAD') routes.push(route);
  });
}

/** The routes once more, on a server that never listens, for the sake of its description. */
async function descriptionOf(routes: readonly RouteOptions[], described: DescribedApi): Promise<string> {
  const { default: swagger } = await import('@fastify/swagger');
  const silent = Fastify({ exposeHeadRoutes: false });
  silent.setValidatorCompiler(() => () => true);
  silent.setSerializerCompiler(() => () => '');
  await silent.register(swagger, {
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
  for (const { method, url, schema } of routes) {
    silent.route({ method, url, ...(schema !== undefined && { schema }), handler: () => '' });
  }
  await silent.ready();
  return JSON.stringify(silent.swagger());
}
