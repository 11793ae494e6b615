/**
 * Who is the client? Exactly one method a request, and only the kind the client registered.
 * @spec RFC 6749 §2.3 and §5.2
 */
import { timingSafeEqual } from 'node:crypto';
import { hashTokenString, type Random } from '@tessera/tokens';
import type { AuditReason } from '../../domain/audit-event.ts';
import { type Client, isPublicClient } from '../../domain/client.ts';
import type { AttemptLimits } from '../../limits/attempt-limits.ts';
import { countedAddress } from '../../limits/counted-address.ts';
import type { RequestRate } from '../../limits/request-rates.ts';
import type { Audit } from '../../ports/audit.ts';
import type { Clients } from '../../ports/clients.ts';
import type { UsedIdentifiers } from '../../ports/used-identifiers.ts';
import { auditEvent } from '../audit-event.ts';
import { Form } from '../form.ts';
import { OAuthError } from '../oauth-error.ts';
import { isHeldToFapi2, PROFILE_AUTH_METHODS } from '../security-profile.ts';
import type { RequestContext } from '../request-context.ts';
import { spend, type Spending } from '../spending.ts';
import { BASIC_CHALLENGE, clientSecretBasic } from './client-secret-basic.ts';
import { clientSecretPost } from './client-secret-post.ts';
import { none } from './none.ts';
import type { ClientAuthenticationMethod, PresentedCredentials, Proof } from './presented-credentials.ts';
import { type ClientAssertionDependencies, privateKeyJwt, verifyClientAssertion } from './private-key-jwt.ts';
import type { SecretUses } from './secret-uses.ts';
import { isCertificateOf } from './tls-client-auth.ts';

/** The list of methods; adding one is a file and a line here. */
const METHODS: readonly ClientAuthenticationMethod[] = [
  clientSecretBasic,
  clientSecretPost,
  privateKeyJwt,
  none,
];

export interface ClientAuthenticationDependencies extends ClientAssertionDependencies {
  readonly usedIdentifiers: UsedIdentifiers;
  readonly clients: Clients;
  readonly attemptLimits: Pick<AttemptLimits, 'take'>;
  /** Absent where apps may ask as often as they like. */
  readonly ratePerClient?: RequestRate | undefined;
  readonly audit: Audit;
  readonly random: Random;
  readonly secretUses: Pick<SecretUses, 'note'>;
}

export interface ProvenClient {
  readonly client: Client;
  /** Its proof is good for one request: to be spent before anything is handed out. */
  readonly spending?: Spending;
}

/**
 * The client that sent the request; its proof is spent.
 * @throws OAuthError as `proveClient` does
 */
export async function authenticateClient(
  authorization: string | undefined,
  form: Form,
  context: RequestContext,
  dependencies: ClientAuthenticationDependencies,
): Promise<Client> {
  const { client, spending } = await proveClient(authorization, form, context, dependencies);
  if (spending !== undefined) await spend([spending], dependencies.usedIdentifiers, context.at);
  return client;
}

/**
 * The client that sent the request.
 * @throws OAuthError `invalid_client`; `invalid_request` when two methods are used; `slow_down` (429) after too many
 * failures. A right secret always passes, so nobody can lock a client out.
 */
export async function proveClient(
  authorization: string | undefined,
  form: Form,
  context: RequestContext,
  dependencies: ClientAuthenticationDependencies,
): Promise<ProvenClient> {
  const presented = readCredentials(authorization, form);
  const client = await dependencies.clients.find(presented.clientId);
  if (client?.status !== 'active') return refuse(presented, client, false, context, dependencies);
  const proving = prove(client, presented, context, dependencies);
  const proof = proving instanceof Promise ? await proving : proving;
  const refused = (reason: false | string): Promise<never> =>
    refuse(presented, client, reason, context, dependencies);
  if (proof === false || typeof proof === 'string') return refused(proof);
  if (dependencies.ratePerClient !== undefined) takeRate(client, context, dependencies.ratePerClient);
  if (proof === true) return { client };
  return { client, spending: { use: proof, refuse: () => refused('The assertion was used before') } };
}

/** Anybody can say that they are a public client, so it is counted where it asks from. */
function takeRate(client: Client, { address }: RequestContext, rate: RequestRate): void {
  const key = isPublicClient(client) ? `${client.id} ${countedAddress(address)}` : client.id;
  const retryAfterSeconds = rate.take(key);
  if (retryAfterSeconds === undefined) return;
  throw new OAuthError('slow_down', 'Too many requests of this client', { retryAfterSeconds });
}

/** Whom a request says that it comes from, as far as that can be read; nothing is proven by it. */
export function presentedClientId(
  authorization: string | undefined,
  parameters: unknown,
): string | undefined {
  try {
    return readCredentials(authorization, new Form(parameters)).clientId;
  } catch {
    return undefined;
  }
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
    throw new OAuthError('invalid_request', 'The client_id is not that of the credentials');
  }
  return presented;
}

/** By the method that the client registered; whatever else it may have is no proof. */
function prove(
  client: Client,
  presented: PresentedCredentials,
  context: RequestContext,
  dependencies: ClientAuthenticationDependencies,
): Proof | Promise<Proof> {
  const { secret, assertion } = presented;
  const { at, certificate } = context;
  if (isHeldToFapi2(client) && !PROFILE_AUTH_METHODS.includes(client.tokenEndpointAuthMethod)) {
    return 'Under the security profile a client proves itself by private_key_jwt or mutual TLS';
  }
  switch (client.tokenEndpointAuthMethod) {
    case 'client_secret_basic':
    case 'client_secret_post':
      return secret !== undefined && hasSecret(client, secret, context, dependencies.secretUses);
    case 'private_key_jwt':
      return assertion !== undefined && verifyClientAssertion(assertion, client, at, dependencies);
    case 'none':
      return presented.method === 'none';
    case 'tls_client_auth':
    case 'self_signed_tls_client_auth':
      if (presented.method !== 'none' || certificate === undefined) return false;
      return isCertificateOf(client, certificate, at, dependencies.clientKeys);
    default:
      return false;
  }
}

function hasSecret(
  client: Client,
  presented: string,
  { at, address }: RequestContext,
  uses: Pick<SecretUses, 'note'>,
): boolean {
  const hash = hashTokenString(presented);
  for (const secret of client.secrets) {
    if ((secret.expiresAt ?? Number.POSITIVE_INFINITY) > at && timingSafeEqual(secret.hash, hash)) {
      uses.note(client.id, secret, at, address);
      return true;
    }
  }
  return false;
}

async function refuse(
  presented: PresentedCredentials,
  known: Client | undefined,
  proof: false | string,
  context: RequestContext,
  { attemptLimits, audit, random }: ClientAuthenticationDependencies,
): Promise<never> {
  const from = countedAddress(context.address);
  const counted = {
    client_failures_per_client_and_address: [presented.clientId, from],
    client_failures_per_address: [from],
  };
  const retryAfterSeconds = await attemptLimits.take(counted, context.at);
  if (retryAfterSeconds !== undefined) {
    throw new OAuthError('slow_down', 'Too many failed client authentications; wait a minute', {
      retryAfterSeconds,
    });
  }
  await audit.record(
    auditEvent(
      context,
      {
        type: 'client.authentication_failed',
        outcome: 'failure',
        actor: 'anonymous',
        reason: reasonOf(known),
        // An id that nobody has is whatever somebody typed, perhaps a secret: it does not go to the log.
        detail: { method: presented.method, client: known?.id ?? '(unknown)' },
      },
      random,
    ),
  );
  const challenge = presented.method === 'client_secret_basic' ? { challenge: BASIC_CHALLENGE } : {};
  const description = proof === false ? 'The client is unknown or its credentials are wrong' : proof;
  throw new OAuthError('invalid_client', description, { ...challenge, detail: whyRefused(presented, known) });
}

function reasonOf(known: Client | undefined): AuditReason {
  if (known === undefined) return 'unknown_client';
  return known.status === 'active' ? 'wrong_credentials' : 'client_disabled';
}

/** For the operator; the client is not told which of these it was. */
function whyRefused({ method }: PresentedCredentials, known: Client | undefined): string {
  if (known === undefined) return 'no client has this id';
  if (known.status !== 'active') return 'the client is disabled';
  return `wrong credentials; it came by ${method}, and is registered for ${known.tokenEndpointAuthMethod}`;
}
