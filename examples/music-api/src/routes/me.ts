import type { FastifyInstance, FastifyRequest } from 'fastify';
import { ApiError, notFound } from '../errors.ts';
import type { FindPerson } from '../people.ts';
import { toPrivateUser, toPublicUser } from '../shapes/people-objects.ts';
import { personOf } from '../token-check.ts';
import type { ViewOf } from './view-of.ts';

export function meRoutes(app: FastifyInstance, findPerson: FindPerson, viewOf: ViewOf): void {
  app.get('/me', async (request) => {
    const token = personOf(request);
    const person = await findPerson(token.sub);
    if (person === undefined) throw new ApiError(404, 'The person of this token is not known here');
    return toPrivateUser(viewOf(request), token, person);
  });

  app.get('/users/:id', async (request: FastifyRequest<{ Params: { id: string } }>) => {
    const person = await findPerson(request.params.id);
    if (person === undefined) throw notFound('User');
    return toPublicUser(viewOf(request), request.params.id, person);
  });
}
