/** What the admin and the account API have in common: checks, errors, headers, description, and who may call. */
import type { FastifyInstance } from 'fastify';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { Api } from './api.ts';
import { BODY_LIMIT_BYTES } from './operation.ts';
import { type DescribedApi, describeApi } from './openapi.ts';
import { Problem } from './problem.ts';
import { sendProblem } from './problem-handler.ts';
import { type Admission, requirePerson } from './require-person.ts';
import { serializerCompiler, validatorCompiler } from './validation.ts';

export interface MountedApi {
  readonly prefix: string;
  readonly described: DescribedApi;
  readonly admission: Admission;
  /** Registers the routes; all of them are behind the admission. */
  readonly routes: (api: Api) => void;
}

/** Mounts an API under its prefix, apart from everything else on `app`. */
export async function mountApi(app: FastifyInstance, mounted: MountedApi): Promise<void> {
  const { prefix, described, admission, routes } = mounted;
  await app.register(
    async (scope) => {
      const api = scope.withTypeProvider<TypeBoxTypeProvider>();
      settle(api, admission.issuer);
      await describeApi(api, described);
      await api.register(async (inner) => {
        const guarded = inner.withTypeProvider<TypeBoxTypeProvider>();
        guarded.addHook('onRequest', requirePerson(admission));
        const taken = collectMethods(guarded);
        routes(guarded);
        refuseOtherMethods(guarded, taken, admission.issuer);
      });
    },
    { prefix },
  );
}

function settle(api: Api, issuer: string): void {
  api.setValidatorCompiler(validatorCompiler);
  api.setSerializerCompiler(serializerCompiler);
  api.decorateRequest('tesseraPerson', null);
  api.removeAllContentTypeParsers();
  api.addContentTypeParser(
    'application/json',
    { parseAs: 'string', bodyLimit: BODY_LIMIT_BYTES },
    api.getDefaultJsonParser('error', 'error'),
  );
  api.addHook('onRequest', async (_request, reply) => {
    void reply.header('cache-control', 'no-store');
  });
  api.setErrorHandler((error, request, reply) => sendProblem(issuer, request, reply, error));
  api.setNotFoundHandler((request, reply) =>
    sendProblem(issuer, request, reply, new Problem('not_found', 'This API has no such path or method')),
  );
}

/** The methods of each path, as the routes are registered. */
function collectMethods(api: Api): ReadonlyMap<string, ReadonlySet<string>> {
  const taken = new Map<string, Set<string>>();
  api.addHook('onRoute', ({ method, routePath }) => {
    const methods = taken.get(routePath) ?? new Set<string>();
    for (const each of [method].flat()) methods.add(each);
    taken.set(routePath, methods);
  });
  return taken;
}

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];

/** 405 with `Allow` for the other methods of a path (RFC 9110 §15.5.6). */
function refuseOtherMethods(api: Api, taken: ReadonlyMap<string, ReadonlySet<string>>, issuer: string): void {
  const allowed = [...taken].map(([url, methods]) => ({
    url,
    methods: METHODS.filter((each) => methods.has(each)),
  }));
  for (const { url, methods } of allowed) {
    const refusal = new Problem('method_not_allowed', `This path takes ${methods.join(' and ')} only`);
    api.route({
      method: METHODS.filter((method) => !methods.includes(method)),
      url,
      schema: { hide: true },
      handler: (request, reply) =>
        sendProblem(issuer, request, reply.header('allow', methods.join(', ')), refusal),
    });
  }
}
