/**
 * Dynamic client registration: an app registers itself, with a ticket or without, as the operator has decided.
 * @spec RFC 7591 §3
 */
import { createTokenString, hashTokenString, parseTokenString, type Random } from '@tessera/tokens';
import { type Client, usesSecret } from '../../domain/client.ts';
import { DEFAULT_ORGANIZATION_ID } from '../../domain/organization.ts';
import type { AttemptLimits } from '../../limits/attempt-limits.ts';
import type { InitialAccessTokens } from '../../ports/initial-access-tokens.ts';
import type { Outbound } from '../../ports/outbound.ts';
import type { Registrations } from '../../ports/registrations.ts';
import { auditEvent } from '../audit-event.ts';
import { newClientSecret } from '../client-secret.ts';
import { OAuthError } from '../oauth-error.ts';
import { type ClientInformation, clientInformation } from '../registration/client-information.ts';
import { readRegistration, refuseForeignSector } from '../registration/read-registration.ts';
import { limitByAddress, limitBySoftware } from '../registration/registration-limits.ts';
import { bearerOf } from '../registration/registration-token.ts';
import type { RequestContext } from '../request-context.ts';

export interface RegistrationDependencies {
  readonly issuer: string;
  /** `initial_token`: only with an initial access token. `open`: anybody. */
  readonly mode: 'initial_token' | 'open';
  readonly registrations: Pick<Registrations, 'create'>;
  readonly initialAccessTokens: Pick<InitialAccessTokens, 'findByHash'>;
  readonly attemptLimits: Pick<AttemptLimits, 'take'>;
  /** Asks the sector that an app says it belongs to. */
  readonly outbound: Pick<Outbound, 'get'>;
  readonly random: Random;
}

/**
 * @param body JSON as it was sent
 * @returns what the client must keep: its secret and its registration access token are shown this once
 * @throws OAuthError `invalid_token`, `invalid_client_metadata`, `invalid_redirect_uri`, `slow_down` (429), those of
 * software statements
 */
export async function registerClient(
  authorization: string | undefined,
  body: unknown,
  context: RequestContext,
  dependencies: RegistrationDependencies,
): Promise<ClientInformation> {
  const { issuer, registrations, attemptLimits, outbound, random } = dependencies;
  await limitByAddress(context, attemptLimits);
  const ticket = await findTicket(authorization, context.at, dependencies);
  const metadata = readRegistration(body);
  await refuseForeignSector(metadata, outbound);
  await limitBySoftware(
    { ...metadata.metadata, client_name: metadata.name, redirect_uris: metadata.redirectUris },
    context,
    attemptLimits,
  );
  const id = `app_${Buffer.from(random(16)).toString('base64url')}`;
  const secret = usesSecret(metadata.tokenEndpointAuthMethod)
    ? newClientSecret(context.at, undefined, random)
    : undefined;
  const client: Client = {
    id,
    organizationId: ticket?.organizationId ?? DEFAULT_ORGANIZATION_ID,
    ...metadata,
    firstParty: false,
    registeredBy: 'registration',
    status: 'active',
    secrets: secret === undefined ? [] : [secret.kept],
    createdAt: context.at,
    updatedAt: context.at,
  };
  const token = createTokenString('rat', random);
  const event = {
    type: 'client.created',
    outcome: 'success',
    actor: ticket?.id ?? 'anonymous',
    clientId: id,
    detail: { registered_by: 'registration' },
  } as const;
  const created = await registrations.create({
    client,
    tokenHash: hashTokenString(token),
    at: context.at,
    audit: auditEvent(context, event, random),
    ...(ticket === undefined ? {} : { initialTokenHash: ticket.hash }),
  });
  if (!created) throw refusedTicket();
  return clientInformation(issuer, client, token, secret?.value);
}

/** The initial access token the request carries; in `open` mode it may carry none. */
async function findTicket(
  authorization: string | undefined,
  at: number,
  { mode, initialAccessTokens }: RegistrationDependencies,
) {
  if (authorization === undefined && mode === 'open') return undefined;
  const token = bearerOf(authorization);
  const isTicket = token !== undefined && parseTokenString(token)?.kind === 'ia';
  const found = isTicket ? await initialAccessTokens.findByHash(hashTokenString(token)) : undefined;
  if (found === undefined || found.expiresAt <= at || found.uses >= found.maxUses) throw refusedTicket();
  return found;
}

function refusedTicket(): OAuthError {
  return new OAuthError('invalid_token', 'Registration here needs an initial access token that is good', {
    challenge: 'Bearer realm="Tessera registration", error="invalid_token"',
  });
}
