/**
 * `/api/register`: registration and its management. JSON in and out; any origin, because browsers' apps register too.
 * @spec RFC 7591 §3, RFC 7592 §2
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Clock } from '../ports/clock.ts';
import { registerClient, type RegistrationDependencies } from '../protocol/endpoints/registration.ts';
import {
  deleteOwnRegistration,
  readOwnRegistration,
  type RegistrationManagementDependencies,
  replaceOwnRegistration,
} from '../protocol/endpoints/registration-management.ts';
import { OAuthError } from '../protocol/oauth-error.ts';
import { CLIENT_BODY_BYTES, refuseOtherMethods, requestContext } from './app.ts';
import { parseJson } from './parse-json.ts';
import { ANY_ORIGIN, NO_STORE, PREFLIGHT } from './reply-headers.ts';

export interface RegistrationRouteDependencies {
  readonly clock: Clock;
  readonly registration: RegistrationDependencies;
  readonly management: RegistrationManagementDependencies;
}

const PATH = '/api/register';
const MANAGEMENT_PREFLIGHT = { ...PREFLIGHT, 'access-control-allow-methods': 'GET, PUT, DELETE' };

export async function registerRegistrationRoutes(
  app: FastifyInstance,
  dependencies: RegistrationRouteDependencies,
): Promise<void> {
  await app.register(async (json: FastifyInstance) => {
    json.removeAllContentTypeParsers();
    const bodyLimit = CLIENT_BODY_BYTES;
    json.addContentTypeParser(
      'application/json',
      { parseAs: 'string', bodyLimit },
      (_request, body, done) => {
        try {
          done(null, parseJson(String(body)));
        } catch {
          done(new OAuthError('invalid_client_metadata', 'The body is not JSON that can be taken'));
        }
      },
    );
    registerRegistration(json, dependencies);
    registerManagement(json, dependencies);
  });
}

function registerRegistration(
  app: FastifyInstance,
  { registration, clock }: RegistrationRouteDependencies,
): void {
  app.post(PATH, async (request, reply) => {
    const { authorization } = request.headers;
    const context = requestContext(request, clock);
    const information = await registerClient(authorization, request.body, context, registration);
    return answer(reply.code(201), information);
  });
  app.options(PATH, (_request, reply) => reply.headers(PREFLIGHT).code(204).send());
  refuseOtherMethods(app, PATH, ['POST', 'OPTIONS']);
}

function registerManagement(
  app: FastifyInstance,
  { management, clock }: RegistrationRouteDependencies,
): void {
  const path = `${PATH}/:client_id`;
  const read = (request: FastifyRequest) => {
    const { client_id: clientId } = request.params as { readonly client_id: string };
    return [clientId, request.headers.authorization, requestContext(request, clock)] as const;
  };
  app.get(path, async (request, reply) =>
    answer(reply, await readOwnRegistration(...read(request), management)),
  );
  app.put(path, async (request, reply) => {
    const [clientId, authorization, context] = read(request);
    return answer(
      reply,
      await replaceOwnRegistration(clientId, authorization, request.body, context, management),
    );
  });
  app.delete(path, async (request, reply) => {
    await deleteOwnRegistration(...read(request), management);
    return reply.headers(NO_STORE).headers(ANY_ORIGIN).code(204).send();
  });
  app.options(path, (_request, reply) => reply.headers(MANAGEMENT_PREFLIGHT).code(204).send());
}

function answer(reply: FastifyReply, information: object): FastifyReply {
  return reply.headers(NO_STORE).headers(ANY_ORIGIN).send(information);
}
