/**
 * The device authorization endpoint: a device without a browser asks to be let in by a person elsewhere.
 * @spec RFC 8628 §3.1 and §3.2, RFC 8707 §2
 */
import { createTokenString, hashTokenString } from '@tessera/tokens';
import { type Client, DEVICE_CODE_GRANT } from '../../domain/client.ts';
import {
  DEVICE_AUTHORIZATION_LIFETIME_MS,
  DEVICE_POLL_INTERVAL_MS,
  type DeviceAuthorization,
} from '../../domain/device-authorization.ts';
import { countedAddress } from '../../limits/counted-address.ts';
import type { DeviceAuthorizations } from '../../ports/device-authorizations.ts';
import type { Resources } from '../../ports/resources.ts';
import { refuseAuthorizationDetails } from '../authorization-details.ts';
import { authenticateClient, type ClientAuthenticationDependencies } from '../client-authentication/index.ts';
import { optionalCodeChallenge } from '../code-challenge.ts';
import type { Form } from '../form.ts';
import { OAuthError } from '../oauth-error.ts';
import type { RequestContext } from '../request-context.ts';
import { grantableScopes, parseScope } from '../requested-scopes.ts';
import { findTarget, resourceOf, targetResourceId } from '../resource-indicators.ts';
import type { UserCodes } from '../user-code.ts';

export interface DeviceAuthorizationDependencies extends ClientAuthenticationDependencies {
  readonly issuer: string;
  readonly resources: Resources;
  readonly deviceAuthorizations: DeviceAuthorizations;
  readonly userCodes: UserCodes;
}

/** RFC 8628 §3.2. */
export interface DeviceAuthorizationResponse {
  readonly device_code: string;
  readonly user_code: string;
  readonly verification_uri: string;
  readonly verification_uri_complete: string;
  readonly expires_in: number;
  readonly interval: number;
}

export type DeviceAuthorizationEndpoint = (
  authorization: string | undefined,
  form: Form,
  context: RequestContext,
) => Promise<DeviceAuthorizationResponse>;

const DRAWS = 5;

/** @throws OAuthError */
export function deviceAuthorizationEndpoint(
  dependencies: DeviceAuthorizationDependencies,
): DeviceAuthorizationEndpoint {
  const { issuer, resources, userCodes, deviceAuthorizations, random } = dependencies;
  return async (authorization, form, context) => {
    const client = await authenticateClient(authorization, form, context, dependencies);
    refuseUnregistered(client);
    refuseAuthorizationDetails(form);
    const codeChallenge = optionalCodeChallenge(form);
    const requested = parseScope(form.get('scope'));
    const target = await findTarget(form, issuer, resources);
    const resource = await resourceOf(target, resources);
    const scopes = grantableScopes({ requested, client, resource, person: true });
    const resourceId = targetResourceId(target);
    await limitStarts(context, dependencies);
    const deviceCode = createTokenString('dc', random);
    const waiting: Omit<DeviceAuthorization, 'userCodeHash'> = {
      deviceCodeHash: hashTokenString(deviceCode),
      clientId: client.id,
      scopes,
      address: context.address,
      createdAt: context.at,
      expiresAt: context.at + DEVICE_AUTHORIZATION_LIFETIME_MS,
      intervalMs: DEVICE_POLL_INTERVAL_MS,
      ...(resourceId === undefined ? {} : { resourceId }),
      ...(codeChallenge === undefined ? {} : { codeChallenge }),
    };
    const userCode = await startWithUserCode(waiting, userCodes, deviceAuthorizations);
    return {
      device_code: deviceCode,
      user_code: userCode,
      verification_uri: `${issuer}/device`,
      verification_uri_complete: `${issuer}/device?user_code=${userCode}`,
      expires_in: DEVICE_AUTHORIZATION_LIFETIME_MS / 1000,
      interval: DEVICE_POLL_INTERVAL_MS / 1000,
    };
  };
}

function refuseUnregistered(client: Client): void {
  if (client.grantTypes.includes(DEVICE_CODE_GRANT)) return;
  throw new OAuthError('unauthorized_client', 'The client is not registered for this grant type');
}

/** Anybody may name a public client: one address may not fill the table, nor people's code space. */
async function limitStarts(
  { address, at }: RequestContext,
  { attemptLimits }: DeviceAuthorizationDependencies,
): Promise<void> {
  const retryAfterSeconds = await attemptLimits.take({ devices_per_address: [countedAddress(address)] }, at);
  if (retryAfterSeconds === undefined) return;
  throw new OAuthError('slow_down', 'Too many device authorizations from this address; wait a minute', {
    retryAfterSeconds,
  });
}

async function startWithUserCode(
  waiting: Omit<DeviceAuthorization, 'userCodeHash'>,
  userCodes: UserCodes,
  deviceAuthorizations: DeviceAuthorizations,
): Promise<string> {
  for (let draw = 0; draw < DRAWS; draw++) {
    const userCode = userCodes.draw();
    const authorization = { ...waiting, userCodeHash: userCodes.hash(userCode) };
    // oxlint-disable-next-line no-await-in-loop -- the next draw is made only if this one is taken
    if (await deviceAuthorizations.start(authorization)) return userCode;
  }
  throw new OAuthError('temporarily_unavailable', 'No user code is free; try again');
}
