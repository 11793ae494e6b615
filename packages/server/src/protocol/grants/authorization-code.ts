/**
 * The authorization code grant: a code, its verifier and its client buy the tokens, once.
 * @spec RFC 6749 §4.1.3, RFC 7636 §4.6, RFC 9700 §2.1.1, RFC 9449 §10, OpenID Connect Core §3.1.3
 */
import { hashTokenString, parseTokenString, type Random } from '@tessera/tokens';
import { type Client, isPublicClient } from '../../domain/client.ts';
import type { Grant } from '../../domain/grant.ts';
import type { CodeAndGrant, CodeRedemption, Grants } from '../../ports/grants.ts';
import type { User } from '../../domain/user.ts';
import type { Resources } from '../../ports/resources.ts';
import type { Users } from '../../ports/users.ts';
import { auditEvent } from '../audit-event.ts';
import { narrowDetails } from '../authorization-details.ts';
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
import { matchRedirectUri } from '../redirect-uri.ts';
import { provesKey } from '../proves-key.ts';
import type { RequestContext, TokenRequestContext } from '../request-context.ts';
import { stillGrantable } from '../requested-scopes.ts';
import { narrowTarget, resourceOf } from '../resource-indicators.ts';
import { tokenResponse } from '../token-response.ts';
import type { GrantHandler } from './grant-handler.ts';

export interface AuthorizationCodeDependencies {
  readonly issuer: string;
  readonly grants: Grants;
  readonly resources: Resources;
  readonly users: Users;
  readonly issueAccessToken: AccessTokenIssuer;
  readonly issueIdToken: IdTokenIssuer;
  readonly refreshTokens: RefreshTokenSettings;
  readonly random: Random;
}

export function authorizationCodeGrant(dependencies: AuthorizationCodeDependencies): GrantHandler {
  const { issuer, grants, resources, users, issueAccessToken, issueIdToken, random } = dependencies;
  return {
    type: 'authorization_code',
    async exchange(form, client, context) {
      const codeHash = hashOfCode(form.require('code'));
      const found = await grants.findCode(codeHash);
      const { code, grant } = checkedCode(found, form, client, context);
      const target = await narrowTarget(form, grant, issuer, resources);
      if (target === undefined) throw refused('the API is gone');
      const { at, confirmation } = context;
      const api = await resourceOf(target, resources);
      const scopes = stillGrantable(grant.scopes, client, api);
      const authorizationDetails = narrowDetails(form, grant.authorizationDetails, api);
      const issuance = { client, grant, target, scopes, at, context, confirmation, authorizationDetails };
      const accessToken = await issueAccessToken(issuance);
      const refresh = isDueRefreshToken(client)
        ? startRefresh(grant, client, dependencies, context)
        : undefined;
      const outcome = await grants.redeemCode({
        codeHash,
        at,
        accessToken: accessToken.row,
        ...(refresh === undefined ? {} : { refresh: refresh.written }),
        reuseAudit: reuseAudit(context, grant.id, client.id, random),
      });
      if (outcome !== 'redeemed') throw refused(WHY_NOT_REDEEMED[outcome]);
      const idToken = scopes.includes('openid')
        ? await issueIdToken({
            client,
            grant,
            person: await namedPerson(grant, users),
            accessToken: accessToken.token,
            nonce: code.nonce,
            at,
          })
        : undefined;
      return tokenResponse(accessToken, { refreshToken: refresh?.token, idToken });
    },
  };
}

/** Looked up only where the client asked for claims in the ID token by name (OpenID Connect Core §5.5). */
async function namedPerson({ claims, userId }: Grant, users: Users): Promise<User | undefined> {
  return claims?.id_token === undefined ? undefined : users.find(userId);
}

/** One answer for every reason, so that nothing can be learnt about a code by trying it. */
const WHY_NOT_REDEEMED = {
  used: 'used before; what it got has ended',
  gone: 'expired, or its grant has ended',
} as const;

function refused(detail: string): OAuthError {
  return new OAuthError('invalid_grant', 'Invalid authorization code', { detail });
}

function hashOfCode(code: string): Uint8Array {
  if (parseTokenString(code)?.kind !== 'ac') throw refused('not a code');
  return hashTokenString(code);
}

/** What may be wrong without consuming the code: another client, redirect URI, verifier or key (decided in one place). */
function checkedCode(
  found: CodeAndGrant | undefined,
  form: Form,
  client: Client,
  { confirmation }: TokenRequestContext,
): CodeAndGrant {
  if (found === undefined) throw refused('unknown');
  const { code } = found;
  if (code.clientId !== client.id) throw refused('issued to another client');
  // Whoever had the address it was sent to may have it still, and the client does not trust them any more.
  if (!client.redirectUris.some((uri) => matchRedirectUri(uri, code.redirectUri))) {
    throw refused('its redirect URI is not registered any more');
  }
  const redirectUri = form.get('redirect_uri');
  if (redirectUri !== undefined && redirectUri !== code.redirectUri) {
    throw new OAuthError('invalid_grant', 'Invalid redirect URI');
  }
  const verifier = form.get('code_verifier');
  const proven =
    code.codeChallenge === undefined
      ? verifier === undefined
      : verifier !== undefined && verifyCodeVerifier(verifier, code.codeChallenge);
  if (!proven) throw new OAuthError('invalid_grant', 'code_verifier was incorrect');
  const bound = code.dpopJkt === undefined ? undefined : { jkt: code.dpopJkt };
  if (!provesKey(bound, confirmation)) {
    throw new OAuthError('invalid_grant', 'The code is for another DPoP key than the one proven here');
  }
  return found;
}

function startRefresh(
  grant: Grant,
  client: Client,
  { refreshTokens, random }: AuthorizationCodeDependencies,
  { at, confirmation }: TokenRequestContext,
): { readonly token: string; readonly written: NonNullable<CodeRedemption['refresh']> } {
  const family = startRefreshFamily(
    grant,
    at,
    refreshTokens,
    random,
    isPublicClient(client) ? confirmation : undefined,
  );
  const { token, leaf } = issueRefreshToken(family, at, refreshTokens, random);
  return { token, written: { family, token: leaf } };
}

function reuseAudit(
  context: RequestContext,
  grantId: string,
  clientId: string,
  random: Random,
): CodeRedemption['reuseAudit'] {
  return auditEvent(
    context,
    {
      type: 'authorization_code.reused',
      outcome: 'failure',
      reason: 'code_reuse',
      actor: clientId,
      clientId,
      grantId,
    },
    random,
  );
}
