/**
 * Token introspection: tells an API what a token is good for, and everyone else nothing.
 * @spec RFC 7662 §2
 */
import type { AccessTokenState } from '../../ports/access-tokens.ts';
import type { PersonalTokenState } from '../../ports/personal-access-tokens.ts';
import type { RefreshTokenState } from '../../ports/refresh-tokens.ts';
import { EXPIRED_TOKEN_RETENTION_MS } from '../../domain/access-token.ts';
import { type Client, isPublicClient } from '../../domain/client.ts';
import { ENDED_PERSONAL_TOKEN_RETENTION_MS } from '../../domain/personal-access-token.ts';
import type { UsageCounter } from '../../ports/usage.ts';
import { authenticateClient, type ClientAuthenticationDependencies } from '../client-authentication/index.ts';
import type { TokenFinder } from '../find-token.ts';
import type { Form } from '../form.ts';
import { type ClientTokenDependencies, describeClientToken } from '../client-tokens/describe-client-token.ts';
import {
  type DescriptionDependencies,
  describeAccessToken,
  INACTIVE,
  type IntrospectionResponse,
} from '../describe-access-token.ts';
import { isAnswerSigningAlg } from '../client-metadata/signed-answers.ts';
import type { KeyRing } from '../key-ring.ts';
import type { Caller, LastUses } from '../last-uses.ts';
import { OAuthError } from '../oauth-error.ts';
import { isServedBy, personalTokenClaims, refusalOf, scopesNow } from '../personal-tokens/describe-token.ts';
import type { JudgeDependencies } from '../personal-tokens/judge-token.ts';
import { judgePersonalTokenUse } from '../policies/judge-uses.ts';
import type { RequestContext } from '../request-context.ts';
import { audienceOf } from '../resource-indicators.ts';

export interface IntrospectionDependencies
  extends ClientAuthenticationDependencies,
    DescriptionDependencies,
    JudgeDependencies,
    Pick<ClientTokenDependencies, 'clientTokenUses' | 'policyJudge'> {
  readonly findToken: TokenFinder;
  readonly keyRing: KeyRing;
  readonly usageCounts: Pick<UsageCounter, 'verified'>;
  readonly lastUses: LastUses;
}

/** @throws OAuthError `invalid_client` unless a confidential client asks */
export async function introspect(
  authorization: string | undefined,
  form: Form,
  context: RequestContext,
  dependencies: IntrospectionDependencies,
): Promise<IntrospectionResponse> {
  const caller = await authenticateCaller(authorization, form, context, dependencies);
  return counted(await introspectFor(caller, form, context, dependencies), dependencies);
}

/**
 * The same answer as a JWT, signed for whoever asks.
 * @spec RFC 9701 §5
 * @throws OAuthError `invalid_client` unless a confidential client asks; with 400 where it did not try the header
 */
export async function introspectSigned(
  authorization: string | undefined,
  form: Form,
  context: RequestContext,
  dependencies: IntrospectionDependencies,
): Promise<string> {
  const caller = await authenticateCaller(authorization, form, context, dependencies).catch(
    (error: unknown) => {
      const isUnknown = error instanceof OAuthError && error.code === 'invalid_client';
      if (!isUnknown || authorization !== undefined) throw error;
      const { code, description, detail } = error;
      throw new OAuthError(code, description, { status: 400, ...(detail === undefined ? {} : { detail }) });
    },
  );
  const answer = counted(await introspectFor(caller, form, context, dependencies), dependencies);
  const alg = caller.metadata.introspection_signed_response_alg;
  return dependencies.keyRing.signElsewhere(
    isAnswerSigningAlg(alg) ? alg : 'RS256',
    'token-introspection+jwt',
    {
      iss: dependencies.issuer,
      aud: caller.id,
      iat: Math.floor(context.at / 1000),
      token_introspection: answer,
    },
  );
}

function counted(
  answer: IntrospectionResponse,
  { usageCounts }: Pick<IntrospectionDependencies, 'usageCounts'>,
): IntrospectionResponse {
  if (answer.active) usageCounts.verified(answer.client_id);
  return answer;
}

async function authenticateCaller(
  authorization: string | undefined,
  form: Form,
  context: RequestContext,
  dependencies: IntrospectionDependencies,
): Promise<Client> {
  const caller = await authenticateClient(authorization, form, context, dependencies);
  if (isPublicClient(caller)) {
    throw new OAuthError('invalid_client', 'Introspection is for clients with credentials');
  }
  return caller;
}

async function introspectFor(
  caller: Client,
  form: Form,
  context: RequestContext,
  dependencies: IntrospectionDependencies,
): Promise<IntrospectionResponse> {
  const found = await dependencies.findToken(form.require('token'));
  switch (found?.kind) {
    case 'access_token':
      return tellAccessToken(found.state, caller, context.at, form, dependencies);
    case 'refresh_token':
      return describeRefreshToken(found.state, caller, context.at, dependencies);
    case 'personal_access_token':
      return describePersonalToken(found.state, caller, context, form, dependencies);
    case 'client_token':
      return describeClientToken(
        found.token,
        caller,
        { context, address: callerOf(form)?.address },
        dependencies,
      );
    default:
      return INACTIVE;
  }
}

async function tellAccessToken(
  state: AccessTokenState,
  caller: Client,
  at: number,
  form: Form,
  dependencies: IntrospectionDependencies,
): Promise<IntrospectionResponse> {
  const { audience, resources: apis } = await audienceOf(
    state.row.resourceId,
    dependencies.issuer,
    dependencies.resources,
  );
  const serves = apis.some((api) => api.resourceServers.includes(caller.id));
  if (!serves && state.row.clientId !== caller.id) return INACTIVE;
  const description = await describeAccessToken(state, audience, at, dependencies);
  if (serves && description.active && description.jti !== undefined) {
    const { id, expiresAt } = state.row;
    dependencies.lastUses.note(
      description.jti,
      id,
      caller.id,
      at,
      expiresAt + EXPIRED_TOKEN_RETENTION_MS,
      callerOf(form),
    );
  }
  return serves || description.active ? description : INACTIVE;
}

/** A personal access token is told only to the API that it is for. */
async function describePersonalToken(
  state: PersonalTokenState,
  caller: Client,
  context: RequestContext,
  form: Form,
  dependencies: IntrospectionDependencies,
): Promise<IntrospectionResponse> {
  const { at } = context;
  const { id, hash, resourceId, expiresAt = at } = state.token;
  const resource = await dependencies.resources.find(resourceId);
  if (!isServedBy(resource, caller)) return INACTIVE;
  const refusal = await refusalOf(state, resource, at, dependencies);
  if (refusal !== undefined) return { active: false, tessera_reason: refusal };
  const use = { context, address: callerOf(form)?.address };
  const scopes = scopesNow(state, resource);
  const { policyJudge } = dependencies;
  const { isRefused, epoch } = await judgePersonalTokenUse(state.token, scopes, resource, use, policyJudge);
  if (isRefused) return { active: false, tessera_reason: 'access_policy' };
  const forgetAt = Math.max(at, expiresAt) + ENDED_PERSONAL_TOKEN_RETENTION_MS;
  dependencies.lastUses.note(id, hash, caller.id, at, forgetAt, callerOf(form));
  return personalTokenClaims(state, resource, dependencies.issuer, epoch);
}

/** Who used a token is known only where the API says so: it is the API that asks. */
function callerOf(form: Form): Caller | undefined {
  const hasAddress = form.has('caller_address');
  const hasAgent = form.has('caller_user_agent');
  if (!hasAddress && !hasAgent) return undefined;
  return {
    ...(hasAddress ? { address: shortText(form.get('caller_address') ?? '') } : {}),
    ...(hasAgent ? { userAgent: shortText(form.get('caller_user_agent') ?? '') } : {}),
  };
}

/** Text for people, of a caller that nobody has checked: printable, and no more than a line. */
function shortText(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, '?').slice(0, 200);
}

/** A refresh token is told only to the client that holds it. */
function describeRefreshToken(
  { token, family, grant }: RefreshTokenState,
  caller: Client,
  at: number,
  { issuer, subjectOf }: IntrospectionDependencies,
): IntrospectionResponse {
  const ended =
    grant.endedAt !== undefined ||
    family.endedAt !== undefined ||
    token.rotatedAt !== undefined ||
    at >= token.expiresAt;
  if (ended || family.clientId !== caller.id || caller.status !== 'active') return INACTIVE;
  return {
    active: true,
    iss: issuer,
    sub: subjectOf(grant.userId, caller),
    aud: issuer,
    client_id: family.clientId,
    exp: Math.floor(token.expiresAt / 1000),
    iat: Math.floor(token.createdAt / 1000),
    ...(grant.scopes.length === 0 ? {} : { scope: grant.scopes.join(' ') }),
    org_id: grant.organizationId,
  };
}
