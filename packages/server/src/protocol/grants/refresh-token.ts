/**
 * The refresh token grant. A public client's token is replaced with each use, and a replaced one that turns up again
 * ends everything; a confidential client keeps its token, which is bound to its secret.
 * @spec RFC 6749 §6, RFC 9700 §4.14.2, OAuth 2.1 §4.3
 */
import { deriveTokenKey, hashTokenString, open, parseTokenString, type Random, seal } from '@tessera/tokens';
import { type Client, isPublicClient } from '../../domain/client.ts';
import type { RefreshTokenState, RefreshTokens } from '../../ports/refresh-tokens.ts';
import type { Resources } from '../../ports/resources.ts';
import { isOpenidScope } from '../../domain/scope.ts';
import { auditEvent } from '../audit-event.ts';
import { narrowDetails } from '../authorization-details.ts';
import type { Form } from '../form.ts';
import type { AccessTokenIssuer, IssuedAccessToken } from '../issue-access-token.ts';
import type { IdTokenIssuer } from '../issue-id-token.ts';
import { idleEnd, issueRefreshToken, type RefreshTokenSettings } from '../issue-refresh-token.ts';
import { OAuthError } from '../oauth-error.ts';
import type { TokenRequestContext } from '../request-context.ts';
import { parseScope, stillGrantable } from '../requested-scopes.ts';
import { narrowTarget, resourceOf, type Target } from '../resource-indicators.ts';
import { provesKey } from '../proves-key.ts';
import { type TokenResponse, tokenResponse } from '../token-response.ts';
import type { GrantHandler } from './grant-handler.ts';

export interface RefreshTokenDependencies {
  readonly issuer: string;
  readonly refreshTokens: RefreshTokens;
  readonly resources: Resources;
  readonly issueAccessToken: AccessTokenIssuer;
  readonly issueIdToken: IdTokenIssuer;
  readonly settings: RefreshTokenSettings;
  readonly random: Random;
}

/** What the answer to a rotation is sealed for; binds the sealed bytes to their use. */
const GRACE_CONTEXT = 'refresh-token-grace';

export function refreshTokenGrant(dependencies: RefreshTokenDependencies): GrantHandler {
  const { issuer, refreshTokens, resources, issueAccessToken, issueIdToken } = dependencies;
  return {
    type: 'refresh_token',
    async exchange(form, client, context) {
      const presented = form.require('refresh_token');
      if (parseTokenString(presented)?.kind !== 'rt') throw refused('Invalid refresh token');
      const state = checkedState(await refreshTokens.find(hashTokenString(presented)), client, context);
      requireRecentSignIn(state, context, dependencies.settings);
      const target = await checkedTarget(form, state, issuer, resources);
      const wanted = narrowedScopes(form, state, target);
      const api = await resourceOf(target, resources);
      const scopes = stillGrantable(wanted, client, api);
      const authorizationDetails = narrowDetails(form, state.grant.authorizationDetails, api);
      const { at, confirmation } = context;
      const { grant } = state;
      const issuance = { client, grant, target, scopes, at, context, confirmation, authorizationDetails };
      const accessToken = await issueAccessToken(issuance);
      const idToken = scopes.includes('openid')
        ? await issueIdToken({
            client,
            grant: state.grant,
            accessToken: accessToken.token,
            nonce: undefined,
            at,
          })
        : undefined;
      const use = { presented, state, accessToken, idToken, client, context };
      return isPublicClient(client) ? rotate(use, dependencies) : renew(use, dependencies);
    },
  };
}

interface RefreshTokenUse {
  readonly presented: string;
  readonly state: RefreshTokenState;
  readonly accessToken: IssuedAccessToken;
  readonly idToken: string | undefined;
  readonly client: Client;
  readonly context: TokenRequestContext;
}

async function rotate(use: RefreshTokenUse, dependencies: RefreshTokenDependencies): Promise<TokenResponse> {
  const { presented, state, accessToken, idToken, client, context } = use;
  const { refreshTokens, settings, random } = dependencies;
  const successor = issueRefreshToken(state.family, context.at, settings, random);
  const response = tokenResponse(accessToken, { refreshToken: successor.token, idToken });
  const graceContext = graceContextOf(context);
  const graceKey = deriveTokenKey(presented, graceContext);
  const rotation = await refreshTokens.rotate({
    hash: state.token.hash,
    at: context.at,
    successor: successor.leaf,
    accessToken: accessToken.row,
    sealedAnswer: seal(graceKey, Buffer.from(JSON.stringify(response)), graceContext, random),
    graceMs: settings.graceSeconds * 1000,
    reuseAudit: auditEvent(
      context,
      {
        type: 'refresh_token.reused',
        outcome: 'failure',
        reason: 'refresh_token_reuse',
        actor: client.id,
        clientId: client.id,
        userId: state.grant.userId,
        grantId: state.grant.id,
      },
      random,
    ),
  });
  if (rotation.outcome === 'rotated') return response;
  if (rotation.outcome === 'repeated') {
    const answer = open(graceKey, rotation.sealedAnswer, graceContext);
    if (answer !== undefined) return JSON.parse(Buffer.from(answer).toString('utf8')) as TokenResponse;
  }
  throw refused('Refresh token revoked', rotation.outcome);
}

/** Tokens that are bound to a key are repeated to nobody but who proves it again. */
function graceContextOf({ confirmation }: TokenRequestContext): string {
  return confirmation === undefined ? GRACE_CONTEXT : `${GRACE_CONTEXT} ${JSON.stringify(confirmation)}`;
}

async function renew(use: RefreshTokenUse, dependencies: RefreshTokenDependencies): Promise<TokenResponse> {
  const { state, accessToken, idToken, context } = use;
  const outcome = await dependencies.refreshTokens.renew({
    hash: state.token.hash,
    at: context.at,
    expiresAt: idleEnd(state.family, context.at, dependencies.settings),
    accessToken: accessToken.row,
  });
  if (outcome !== 'renewed') throw refused('Refresh token expired');
  return tokenResponse(accessToken, { idToken });
}

function refused(description: string, detail?: string): OAuthError {
  return new OAuthError('invalid_grant', description, detail === undefined ? {} : { detail });
}

/** Expiry, ends and reuse are decided by the store's conditional write; here only whose token it is. */
function checkedState(
  state: RefreshTokenState | undefined,
  client: Client,
  { confirmation }: TokenRequestContext,
): RefreshTokenState {
  if (state === undefined || state.family.clientId !== client.id) throw refused('Invalid refresh token');
  if (!provesKey(state.family.confirmation, confirmation))
    throw refused('Invalid refresh token', 'another key');
  return state;
}

/** A setting that is made stricter counts for the families that are there, too. */
function requireRecentSignIn(
  { grant }: RefreshTokenState,
  { at }: TokenRequestContext,
  { signInFrequencySeconds: seconds }: RefreshTokenSettings,
): void {
  if (seconds === undefined || at - grant.authTime < seconds * 1000) return;
  throw refused('The person has to sign in again', 'sign_in_frequency');
}

/** The API of the grant; with `openid` also the issuer, for a token that is good at `/userinfo`. */
async function checkedTarget(
  form: Form,
  { grant }: RefreshTokenState,
  issuer: string,
  resources: Resources,
): Promise<Target> {
  const target = await narrowTarget(form, grant, issuer, resources, grant.scopes.includes('openid'));
  if (target === undefined) throw refused('Invalid refresh token', 'the API is gone');
  return target;
}

/** The same scopes or fewer (RFC 6749 §6); a token for the issuer carries only the scopes it serves. */
function narrowedScopes(form: Form, { grant }: RefreshTokenState, target: Target): readonly string[] {
  const requested = parseScope(form.get('scope'));
  for (const name of requested) {
    if (!grant.scopes.includes(name)) throw new OAuthError('invalid_scope', 'A scope was not granted before');
  }
  const scopes = requested.length === 0 ? grant.scopes : requested;
  return target.kind === 'issuer' ? scopes.filter(isOpenidScope) : scopes;
}
