/**
 * Registration management: an app reads, replaces or deletes what it registered, with the token it got for that. An
 * update gives a new token, and the old one ends with it: a token that leaked once works until the next update only.
 * @spec RFC 7592 §2
 */
import { timingSafeEqual } from 'node:crypto';
import { createTokenString, hashTokenString, parseTokenString, type Random } from '@tessera/tokens';
import { type Client, usesSecret } from '../../domain/client.ts';
import type { AttemptLimits } from '../../limits/attempt-limits.ts';
import type { Clients } from '../../ports/clients.ts';
import type { Grants } from '../../ports/grants.ts';
import type { Outbound } from '../../ports/outbound.ts';
import type { Registrations } from '../../ports/registrations.ts';
import { StoreUnavailable } from '../../ports/store-errors.ts';
import { auditEvent } from '../audit-event.ts';
import { newClientSecret } from '../client-secret.ts';
import { OAuthError } from '../oauth-error.ts';
import { type ClientInformation, clientInformation } from '../registration/client-information.ts';
import { readRegistration, refuseForeignSector } from '../registration/read-registration.ts';
import { limitByAddress } from '../registration/registration-limits.ts';
import { bearerOf } from '../registration/registration-token.ts';
import { endGrantsOfRemovedRedirectUris } from '../registration/removed-redirect-uris.ts';
import { stayingSettings } from '../registration/staying-settings.ts';
import type { RequestContext } from '../request-context.ts';

export interface RegistrationManagementDependencies {
  readonly issuer: string;
  readonly clients: Pick<Clients, 'find' | 'delete'>;
  readonly registrations: Pick<Registrations, 'findTokenHash' | 'replace'>;
  readonly grants: Pick<Grants, 'list' | 'end'>;
  readonly attemptLimits: Pick<AttemptLimits, 'take'>;
  readonly outbound: Pick<Outbound, 'get'>;
  readonly random: Random;
}

interface Managed {
  readonly client: Client;
  readonly token: string;
}

/** @throws OAuthError `invalid_token` */
export async function readOwnRegistration(
  clientId: string,
  authorization: string | undefined,
  context: RequestContext,
  dependencies: RegistrationManagementDependencies,
): Promise<ClientInformation> {
  const { client, token } = await findManaged(clientId, authorization, context, dependencies);
  return clientInformation(dependencies.issuer, client, token, undefined);
}

/** Two updates with one token at once: one is made, the other finds its token gone. */
const ATTEMPTS = 3;

/**
 * Replaces the whole of the metadata: what is left out takes its default, unless that were looser (RFC 7592 §2.2).
 * @throws OAuthError `invalid_token`, `invalid_client_metadata`, `invalid_redirect_uri`
 */
export async function replaceOwnRegistration(
  clientId: string,
  authorization: string | undefined,
  body: unknown,
  context: RequestContext,
  dependencies: RegistrationManagementDependencies,
): Promise<ClientInformation> {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    // oxlint-disable-next-line no-await-in-loop -- an attempt follows the failure of the one before
    const managed = await findManaged(clientId, authorization, context, dependencies);
    // oxlint-disable-next-line no-await-in-loop -- as above
    const replaced = await replace(managed.client, body, context, dependencies);
    if (replaced !== undefined) return replaced;
  }
  throw new StoreUnavailable('others keep changing the same registration');
}

async function replace(
  before: Client,
  body: unknown,
  context: RequestContext,
  dependencies: RegistrationManagementDependencies,
): Promise<ClientInformation | undefined> {
  const { issuer, registrations, outbound, random } = dependencies;
  refuseForeignMembers(before, body, context.at);
  const { id, organizationId, firstParty, registeredBy, status, createdAt } = before;
  const metadata = readRegistration(body, stayingSettings(before.metadata));
  await refuseForeignSector(metadata, outbound);
  const plain: Client = {
    ...metadata,
    id,
    organizationId,
    firstParty,
    registeredBy,
    status,
    secrets: [],
    // A list here is the operator's: registrations bring none.
    ...(before.scopes === undefined ? {} : { scopes: before.scopes }),
    createdAt,
    updatedAt: Math.max(context.at, before.updatedAt + 1),
  };
  const needsSecret = usesSecret(plain.tokenEndpointAuthMethod);
  const secret =
    needsSecret && before.secrets.length === 0 ? newClientSecret(context.at, undefined, random) : undefined;
  const client: Client = needsSecret
    ? { ...plain, secrets: secret === undefined ? before.secrets : [secret.kept] }
    : plain;
  const token = createTokenString('rat', random);
  const event = { type: 'client.updated', outcome: 'success', actor: id, clientId: id } as const;
  const audit = auditEvent(context, event, random);
  const written = await registrations.replace({ client, before, tokenHash: hashTokenString(token), audit });
  if (!written) return undefined;
  await endGrantsOfRemovedRedirectUris(client, before, context, dependencies);
  return clientInformation(issuer, client, token, secret?.value);
}

/** @throws OAuthError `invalid_token` */
export async function deleteOwnRegistration(
  clientId: string,
  authorization: string | undefined,
  context: RequestContext,
  dependencies: RegistrationManagementDependencies,
): Promise<void> {
  const { client } = await findManaged(clientId, authorization, context, dependencies);
  const event = {
    type: 'client.deleted',
    outcome: 'success',
    actor: client.id,
    clientId: client.id,
  } as const;
  await dependencies.clients.delete(client.id, auditEvent(context, event, dependencies.random));
}

/** One answer whether the client is unknown, disabled, or the token is another's (RFC 7592 §2.1). */
async function findManaged(
  clientId: string,
  authorization: string | undefined,
  context: RequestContext,
  { clients, registrations, attemptLimits }: RegistrationManagementDependencies,
): Promise<Managed> {
  const token = bearerOf(authorization);
  if (token !== undefined && parseTokenString(token)?.kind === 'rat') {
    // In this order: a token that is read after the client is not older than it (ports/registrations).
    const client = await clients.find(clientId);
    const hash = await registrations.findTokenHash(clientId);
    const matches = hash !== undefined && timingSafeEqual(hash, hashTokenString(token));
    if (matches && client?.registeredBy === 'registration' && client.status === 'active') {
      return { client, token };
    }
  }
  await limitByAddress(context, attemptLimits);
  throw new OAuthError('invalid_token', 'The registration access token is not good for this client', {
    challenge: 'Bearer realm="Tessera registration", error="invalid_token"',
  });
}

const SERVER_MEMBERS = [
  'registration_access_token',
  'registration_client_uri',
  'client_secret_expires_at',
  'client_id_issued_at',
];

/** The client says which one it is, may say its secret but not choose it, and nothing that is the server's to say. */
function refuseForeignMembers(client: Client, body: unknown, at: number): void {
  if (typeof body !== 'object' || body === null) return;
  const given = new Map<string, unknown>(Object.entries(body));
  if (given.get('client_id') !== client.id) {
    throw new OAuthError('invalid_client_metadata', '/client_id must be the id of the client itself');
  }
  const own = SERVER_MEMBERS.find((name) => given.has(name));
  if (own !== undefined)
    throw new OAuthError('invalid_client_metadata', `/${own} is not the client's to send`);
  const secret = given.get('client_secret');
  if (secret === undefined) return;
  const hash = typeof secret === 'string' ? hashTokenString(secret) : undefined;
  const known = client.secrets.some(
    (kept) =>
      (kept.expiresAt ?? Number.POSITIVE_INFINITY) > at &&
      hash !== undefined &&
      timingSafeEqual(kept.hash, hash),
  );
  if (!known) throw new OAuthError('invalid_client_metadata', '/client_secret is not the one of the client');
}
