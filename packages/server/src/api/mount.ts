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
        routes(guarded);
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
