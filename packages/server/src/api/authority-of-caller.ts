/**
 * What the caller may do, in the words of the routes. Whose an object is says the object as it is stored; what a caller
 * may not see is answered exactly as what does not exist.
 */
import type { FastifyRequest } from 'fastify';
import { type Action, isOperator, may, organizationsOf } from '../access/authority.ts';
import type { OwnedFilter } from '../ports/page.ts';
import { caller } from './api.ts';
import { Problem } from './problem.ts';

interface Owned {
  readonly organizationId: string;
}

/** Whether the caller may do this to what the organization owns. */
export function callerMay(request: FastifyRequest, action: Action, organizationId: string): boolean {
  return may(caller(request), request.tesseraMemberships ?? [], action, organizationId);
}

export function callerIsOperator(request: FastifyRequest): boolean {
  return isOperator(caller(request));
}

/**
 * The object, if the caller may see it.
 * @param found as the store gave it
 * @param reading the action that lets somebody see it
 * @param absent what is said of one that does not exist
 * @throws Problem `not_found`, the same for both
 */
export function seen<Noun extends Owned>(
  request: FastifyRequest,
  reading: Action,
  found: Noun | undefined,
  absent: string,
): Noun {
  if (found !== undefined && callerMay(request, reading, found.organizationId)) return found;
  throw new Problem('not_found', absent);
}

/** For an object that the caller may see. @throws Problem `forbidden` */
export function requireAction(request: FastifyRequest, action: Action, { organizationId }: Owned): void {
  if (callerMay(request, action, organizationId)) return;
  throw new Problem('forbidden', 'Your role in the organization does not allow this; ask one of its owners');
}

/**
 * The filter of a list: what the caller may see, and of that what they ask for.
 * @param asked an organization that the query names; one that the caller may not see owns nothing
 */
export function ownedBy(request: FastifyRequest, reading: Action, asked?: string): OwnedFilter {
  const organizations = organizationsOf(caller(request), request.tesseraMemberships ?? [], reading);
  if (organizations === 'every') return asked === undefined ? {} : { organizationIds: [asked] };
  return {
    organizationIds: asked === undefined ? organizations : organizations.filter((id) => id === asked),
  };
}

/** Routes that ask nobody's authority themselves are for operators. @throws Problem `forbidden` */
export function requireOperator(request: FastifyRequest): void {
  if (callerIsOperator(request)) return;
  throw new Problem('forbidden', 'This is for the operators of this server');
}
