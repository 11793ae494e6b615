/**
 * The device code grant: a device asks again and again until a person has decided, then gets the tokens, once.
 * @spec RFC 8628 §3.4 and §3.5
 */
import { hashTokenString, parseTokenString, type Random } from '@tessera/tokens';
import { type Client, DEVICE_CODE_GRANT, isPublicClient } from '../../domain/client.ts';
import type { DeviceAuthorization } from '../../domain/device-authorization.ts';
import type { Grant } from '../../domain/grant.ts';
import type { DeviceAuthorizations } from '../../ports/device-authorizations.ts';
import type { Grants } from '../../ports/grants.ts';
import type { Resources } from '../../ports/resources.ts';
import { refuseAuthorizationDetails } from '../authorization-details.ts';
import type { Form } from '../form.ts';
import type { AccessTokenIssuer } from '../issue-access-token.ts';
import type { IdTokenIssuer } from '../issue-id-token.ts';
import {
  isDueRefreshToken,
  issueRefreshToken,
  type RefreshTokenSettings,
  startRefreshFamily,
} from '../issue-refresh-token.ts';
import { OAuthError } from '../oauth-error.ts';
import { verifyCodeVerifier } from '../pkce.ts';
import type { TokenRequestContext } from '../request-context.ts';
import { stillGrantable } from '../requested-scopes.ts';
import { narrowTarget, resourceOf } from '../resource-indicators.ts';
import { type TokenResponse, tokenResponse } from '../token-response.ts';
import type { GrantHandler } from './grant-handler.ts';

export interface DeviceCodeDependencies {
  readonly issuer: string;
  readonly deviceAuthorizations: DeviceAuthorizations;
  readonly grants: Grants;
  readonly resources: Resources;
  readonly issueAccessToken: AccessTokenIssuer;
  readonly issueIdToken: IdTokenIssuer;
  readonly refreshTokens: RefreshTokenSettings;
  readonly random: Random;
}

/** What a request may be early by: it waited long enough, but the network brought it faster than the one before. */
const POLL_TOLERANCE_MS = 500;
const POLL_PENALTY_MS = 5000;

const ASKS_FOR_MORE: ReadonlySet<string> = new Set(['insufficient_user_authentication', 'consent_required']);

export function deviceCodeGrant(dependencies: DeviceCodeDependencies): GrantHandler {
  const { deviceAuthorizations, grants } = dependencies;
  return {
    type: DEVICE_CODE_GRANT,
    async exchange(form, client, context) {
      refuseAuthorizationDetails(form);
      const presented = form.require('device_code');
      if (parseTokenString(presented)?.kind !== 'dc') throw refused('not a device code');
      const deviceCodeHash = hashTokenString(presented);
      const device = checkedDevice(
        await deviceAuthorizations.findByDeviceCode(deviceCodeHash),
        form,
        client,
        context.at,
      );
      if (device.grantId === undefined) throw await stillWaiting(deviceCodeHash, context, dependencies);
      const grant = await grants.find(device.grantId);
      if (grant === undefined) throw refused('the grant is gone');
      return redeem({ form, client, context, deviceCodeHash, grant }, dependencies);
    },
  };
}

/** One answer for every reason, so that nothing can be learnt about a code by trying it. */
function refused(detail: string): OAuthError {
  return new OAuthError('invalid_grant', 'Invalid device code', { detail });
}

/** What may be wrong whatever the person decides. */
function checkedDevice(
  device: DeviceAuthorization | undefined,
  form: Form,
  client: Client,
  at: number,
): DeviceAuthorization {
  if (device === undefined) throw refused('unknown');
  if (device.clientId !== client.id) throw refused('issued to another client');
  const verifier = form.get('code_verifier');
  const proven =
    device.codeChallenge === undefined
      ? verifier === undefined
      : verifier !== undefined && verifyCodeVerifier(verifier, device.codeChallenge);
  if (!proven) throw new OAuthError('invalid_grant', 'code_verifier was incorrect');
  if (device.redeemedAt !== undefined) throw refused('used');
  if (device.deniedAt !== undefined) {
    const why =
      device.deniedBecause === undefined
        ? 'The person did not agree'
        : 'An access policy does not allow this';
    throw new OAuthError('access_denied', why, { status: 400 });
  }
  if (at >= device.expiresAt) throw new OAuthError('expired_token', 'The device code has expired');
  return device;
}

async function stillWaiting(
  deviceCodeHash: Uint8Array,
  { at }: TokenRequestContext,
  { deviceAuthorizations }: DeviceCodeDependencies,
): Promise<OAuthError> {
  const inTime = await deviceAuthorizations.poll({
    deviceCodeHash,
    at,
    toleranceMs: POLL_TOLERANCE_MS,
    penaltyMs: POLL_PENALTY_MS,
  });
  return inTime
    ? new OAuthError('authorization_pending', 'The person has not decided yet')
    : new OAuthError('slow_down', 'Wait five seconds longer before each request from now on', {
        status: 400,
      });
}

/**
 * A policy may ask for more by now than when the person was at the page. A device can send nobody there again: what it
 * understands is that it has to start anew.
 */
function deniedByPolicy(error: unknown): never {
  if (!(error instanceof OAuthError) || !ASKS_FOR_MORE.has(error.code)) throw error;
  const { detail } = error;
  throw new OAuthError(
    'access_denied',
    'An access policy asks for more by now; start again with a new code',
    {
      status: 400,
      ...(detail === undefined ? {} : { detail }),
    },
  );
}

interface DeviceCodeUse {
  readonly form: Form;
  readonly client: Client;
  readonly context: TokenRequestContext;
  readonly deviceCodeHash: Uint8Array;
  readonly grant: Grant;
}

async function redeem(
  { form, client, context, deviceCodeHash, grant }: DeviceCodeUse,
  dependencies: DeviceCodeDependencies,
): Promise<TokenResponse> {
  const { deviceAuthorizations, resources, issueAccessToken, issueIdToken, refreshTokens, random } =
    dependencies;
  const { at, confirmation } = context;
  const target = await narrowTarget(form, grant, dependencies.issuer, resources);
  if (target === undefined) throw refused('the API is gone');
  const scopes = stillGrantable(grant.scopes, client, await resourceOf(target, resources));
  const accessToken = await issueAccessToken({
    client,
    grant,
    target,
    scopes,
    at,
    context,
    confirmation,
  }).catch(deniedByPolicy);
  // A public client's refresh token is bound to the key it proved (RFC 9449 §5).
  const bound = isPublicClient(client) ? confirmation : undefined;
  const family = isDueRefreshToken(client)
    ? startRefreshFamily(grant, at, refreshTokens, random, bound)
    : undefined;
  const refresh = family === undefined ? undefined : issueRefreshToken(family, at, refreshTokens, random);
  const redeemed = await deviceAuthorizations.redeem({
    deviceCodeHash,
    at,
    accessToken: accessToken.row,
    ...(family === undefined || refresh === undefined ? {} : { refresh: { family, token: refresh.leaf } }),
  });
  if (!redeemed) throw refused('used at the same time, or its grant has ended');
  const idToken = scopes.includes('openid')
    ? await issueIdToken({ client, grant, accessToken: accessToken.token, nonce: undefined, at })
    : undefined;
  return tokenResponse(accessToken, { refreshToken: refresh?.token, idToken });
}
