/**
 * Who is the client? Exactly one method a request, and only the kind the client registered.
 * @spec RFC 6749 §2.3 and §5.2
 */
import { timingSafeEqual } from 'node:crypto';
import { hashTokenString, type Random } from '@tessera/tokens';
import { type Client, isPublicClient } from '../../domain/client.ts';
import { countedAddress } from '../../people/failed-sign-ins.ts';
import type { Audit } from '../../ports/audit.ts';
import type { Clients } from '../../ports/clients.ts';
import type { FailedAttempts } from '../../ports/failed-attempts.ts';
import { auditEvent } from '../audit-event.ts';
import type { Form } from '../form.ts';
import { OAuthError } from '../oauth-error.ts';
import type { RequestContext } from '../request-context.ts';
import { BASIC_CHALLENGE, clientSecretBasic } from './client-secret-basic.ts';
import { clientSecretPost } from './client-secret-post.ts';
import { none } from './none.ts';
import type { ClientAuthenticationMethod, PresentedCredentials } from './presented-credentials.ts';

/** The list of methods; adding one is a file and a line here. */
const METHODS: readonly ClientAuthenticationMethod[] = [clientSecretBasic, clientSecretPost, none];

/** The names for the metadata document (RFC 8414 §2). */
export const CLIENT_AUTHENTICATION_METHODS = ['client_secret_basic', 'client_secret_post', 'none'] as const;

/** Failures of one client from one address, and of one address, within the window. */
const WINDOW_MS = 60_000;
const LIMIT_PER_CLIENT_AND_ADDRESS = 20;
const LIMIT_PER_ADDRESS = 200;

export interface ClientAuthenticationDependencies {
  readonly clients: Clients;
  readonly failedAttempts: FailedAttempts;
  readonly audit: Audit;
  readonly random: Random;
}

/**
 * The client that sent the request.
 * @throws OAuthError `invalid_client`; `invalid_request` when two methods are used; `slow_down` (429) after too many
 * failures. A right secret always passes, so nobody can lock a client out.
 */
export async function authenticateClient(
  authorization: string | undefined,
  form: Form,
  context: RequestContext,
  dependencies: ClientAuthenticationDependencies,
): Promise<Client> {
  const presented = readCredentials(authorization, form);
  const client = await dependencies.clients.find(presented.clientId);
  if (client !== undefined && client.status === 'active' && isProven(client, presented, context.at))
    return client;
  return refuse(presented, client, context, dependencies);
}

function readCredentials(authorization: string | undefined, form: Form): PresentedCredentials {
  let presented: PresentedCredentials | undefined;
  for (const method of METHODS) {
    const credentials = method({ authorization, form });
    if (credentials === undefined) continue;
    if (presented !== undefined) {
      throw new OAuthError('invalid_request', 'The request authenticates the client in more than one way');
    }
    presented = credentials;
  }
  if (presented === undefined) throw new OAuthError('invalid_client', 'The client did not authenticate');
  const named = form.get('client_id');
  if (named !== undefined && named !== presented.clientId) {
    throw new OAuthError('invalid_request', 'The client_id is not that of the Authorization header');
  }
  return presented;
}

function isProven(client: Client, presented: PresentedCredentials, at: number): boolean {
  if (isPublicClient(client)) return presented.method === 'none';
  if (presented.secret === undefined) return false;
  const hash = hashTokenString(presented.secret);
  return client.secrets.some(
    (secret) => (secret.expiresAt ?? Number.POSITIVE_INFINITY) > at && timingSafeEqual(secret.hash, hash),
  );
}

async function refuse(
  presented: PresentedCredentials,
  known: Client | undefined,
  context: RequestContext,
  { failedAttempts, audit, random }: ClientAuthenticationDependencies,
): Promise<never> {
  const from = countedAddress(context.address);
  const keys = [`client ${hashKey(presented.clientId)} ${from}`, `client-address ${from}`];
  const [ofClient = 0, ofAddress = 0] = await failedAttempts.count(keys, context.at - WINDOW_MS);
  if (ofClient >= LIMIT_PER_CLIENT_AND_ADDRESS || ofAddress >= LIMIT_PER_ADDRESS) {
    throw new OAuthError('slow_down', 'Too many failed client authentications; wait a minute', {
      retryAfterSeconds: WINDOW_MS / 1000,
    });
  }
  await failedAttempts.record(keys, context.at);
  await audit.record(
    auditEvent(
      context,
      {
        type: 'client.authentication_failed',
        outcome: 'failure',
        actor: 'anonymous',
        // An id that nobody has is whatever somebody typed, perhaps a secret: it does not go to the log.
        detail: { method: presented.method, client: known?.id ?? '(unknown)' },
      },
      random,
    ),
  );
  const challenge = presented.method === 'client_secret_basic' ? { challenge: BASIC_CHALLENGE } : {};
  throw new OAuthError('invalid_client', 'The client is unknown or its credentials are wrong', challenge);
}

function hashKey(clientId: string): string {
  return Buffer.from(hashTokenString(clientId)).toString('base64url').slice(0, 22);
}
