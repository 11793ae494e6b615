/** Whose a token is: the organization's that owns the app which got it; and the person's it speaks for may look at it. */
import type { FastifyRequest } from 'fastify';
import type { AccessTokenState } from '../../ports/access-tokens.ts';
import type { Clients } from '../../ports/clients.ts';
import { caller } from '../api.ts';
import { callerIsOperator, callerMay } from '../authority-of-caller.ts';

/** What the caller may do with a token; of one whose app is gone, only operators are told. */
export async function mayWithToken(
  request: FastifyRequest,
  action: 'token.read' | 'token.manage',
  { row }: AccessTokenState,
  clients: Pick<Clients, 'find'>,
): Promise<boolean> {
  if (callerIsOperator(request)) return true;
  const client = await clients.find(row.clientId);
  return client !== undefined && callerMay(request, action, client.organizationId);
}

/** Whether the token speaks for the caller. */
export function isOfCaller(request: FastifyRequest, { row }: AccessTokenState): boolean {
  return row.userId === caller(request).id;
}
