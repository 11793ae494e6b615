/** What the admin and the account API have in common: checks, errors, headers, description, and who may call. */
import fastifyCookie from '@fastify/cookie';
import type { FastifyInstance, FastifyReply, FastifyRequest, FastifySchema } from 'fastify';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import { nestsDeeper } from '../http/json-depth.ts';
import type { Api } from './api.ts';
import { ASKS, BODY_LIMIT_BYTES } from './operation.ts';
import { type DescribedApi, describeApi } from './openapi.ts';
import { Problem } from './problem.ts';
import { sendProblem } from './problem-handler.ts';
import { type Admission, requirePerson } from './require-person.ts';
import { serializerCompiler, validatorCompiler } from './validation.ts';

export interface MountedApi {
  readonly prefix: string;
  readonly described: DescribedApi;
  readonly admission: Admission;
  /** Throws unless the caller may use routes whose operation asks for no authority. Absent: everybody may. */
  readonly unlessAsked?: (request: FastifyRequest) => void;
  /** Registers the routes; all of them are behind the admission. */
  readonly routes: (api: Api) => void;
}

/** Mounts an API under its prefix, apart from everything else on `app`. */
export async function mountApi(app: FastifyInstance, mounted: MountedApi): Promise<void> {
  const { prefix, described, admission, unlessAsked, routes } = mounted;
  await app.register(
    async (scope) => {
      const api = scope.withTypeProvider<TypeBoxTypeProvider>();
      settle(api, admission.issuer, collectMethods(api));
      describeApi(api, described);
      await api.register(async (inner) => {
        await inner.register(fastifyCookie);
        const guarded = inner.withTypeProvider<TypeBoxTypeProvider>();
        guarded.addHook('onRequest', requirePerson(admission));
        guarded.addHook('onRequest', async (request) => {
          if (!asksItself(request.routeOptions.schema)) unlessAsked?.(request);
        });
        routes(guarded);
      });
    },
    { prefix },
  );
}

function asksItself(schema: FastifySchema | undefined): boolean {
  return schema !== undefined && ASKS in schema;
}

function settle(api: Api, issuer: string, methods: MethodsOfPath): void {
  api.setValidatorCompiler(validatorCompiler);
  api.setSerializerCompiler(serializerCompiler);
  api.decorateRequest('tesseraPerson', null);
  api.decorateRequest('tesseraMemberships', null);
  api.decorateRequest('tesseraSession', null);
  api.decorateRequest('tesseraTokenSignIn', null);
  api.removeAllContentTypeParsers();
  const parse = api.getDefaultJsonParser('error', 'error');
  const text = { parseAs: 'string', bodyLimit: BODY_LIMIT_BYTES } as const;
  api.addContentTypeParser<string>('application/json', text, (request, body, done) => {
    if (nestsDeeper(body)) done(new Problem('invalid_request', 'the body nests too deeply'));
    // oxlint-disable-next-line no-void -- answers through `done`
    else void parse(request, body, done);
  });
  api.addHook('onRequest', async (_request, reply) => {
    void reply.header('cache-control', 'no-store');
  });
  api.setErrorHandler((error, request, reply) => sendProblem(issuer, request, reply, error));
  api.setNotFoundHandler((request, reply) => sendNotFound(issuer, request, reply, methods));
}

/** Methods by the path of their route, under the prefix of the API. */
type MethodsOfPath = ReadonlyMap<string, ReadonlySet<string>>;

/** Fills itself as the routes are registered. */
function collectMethods(api: Api): MethodsOfPath {
  const methodsOfPath = new Map<string, Set<string>>();
  api.addHook('onRoute', ({ method, url }) => {
    const methods = methodsOfPath.get(url) ?? new Set<string>();
    for (const each of [method].flat()) methods.add(each);
    methodsOfPath.set(url, methods);
  });
  return methodsOfPath;
}

/** 404, or 405 with `Allow` where the path is one and takes other methods (RFC 9110 §15.5.6). */
function sendNotFound(
  issuer: string,
  request: FastifyRequest,
  reply: FastifyReply,
  methods: MethodsOfPath,
): FastifyReply {
  const path = request.url.split('?', 1)[0] ?? '';
  const allowed = new Set(
    [...methods].flatMap(([route, taken]) => (isPathOf(route, path) ? [...taken] : [])),
  );
  if (allowed.size === 0) {
    return sendProblem(issuer, request, reply, new Problem('not_found', 'This API has no such path'));
  }
  const list = [...allowed].join(', ');
  const refusal = new Problem('method_not_allowed', `This path takes ${list} only`);
  return sendProblem(issuer, request, reply.header('allow', list), refusal);
}

/** Whether a path is one of a route such as `/users/:id`. */
function isPathOf(route: string, path: string): boolean {
  const parts = route.split('/');
  const given = path.split('/');
  return (
    parts.length === given.length &&
    parts.every((part, index) => part === given[index] || (part.startsWith(':') && given[index] !== ''))
  );
}
