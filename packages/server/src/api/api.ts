/** The Fastify instance as the routes of this room see it: its schemas are its types. */
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type {
  FastifyBaseLogger,
  FastifyInstance,
  FastifyRequest,
  RawReplyDefaultExpression,
  RawRequestDefaultExpression,
  RawServerDefault,
} from 'fastify';
import type { Membership } from '../domain/membership.ts';
import type { Session } from '../domain/session.ts';
import type { User } from '../domain/user.ts';

export type Api = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>;

declare module 'fastify' {
  interface FastifyRequest {
    /** The person who calls the admin or account API. */
    tesseraPerson: User | null;
    /** Theirs, read anew for this request; null where the API does not ask for them. */
    tesseraMemberships: readonly Membership[] | null;
    /** Their session, where the request comes from the console and carries no token. */
    tesseraSession: Session | null;
    /** How the person of a token signed in, where it says so and nobody acts for them. */
    tesseraTokenSignIn: Pick<Session, 'authTime' | 'amr'> | null;
  }
}

/** The person who calls; only in handlers behind `requirePerson`. */
export function caller(request: FastifyRequest): User {
  if (request.tesseraPerson === null) throw new Error('This route is not behind requirePerson');
  return request.tesseraPerson;
}
