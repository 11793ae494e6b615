/**
 * Token introspection: tells an API what a token is good for, and everyone else nothing.
 * @spec RFC 7662 §2
 */
import type { AccessTokenState } from '../../ports/access-tokens.ts';
import type { PersonalTokenState } from '../../ports/personal-access-tokens.ts';
import type { RefreshTokenState } from '../../ports/refresh-tokens.ts';
import { EXPIRED_TOKEN_RETENTION_MS } from '../../domain/access-token.ts';
import type { Actor } from '../../domain/actor.ts';
import type { AuthorizationDetail } from '../../domain/authorization-detail.ts';
import type { Confirmation } from '../../domain/confirmation.ts';
import { type Client, isPublicClient } from '../../domain/client.ts';
import { ENDED_PERSONAL_TOKEN_RETENTION_MS } from '../../domain/personal-access-token.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Clients } from '../../ports/clients.ts';
import type { Resources } from '../../ports/resources.ts';
import type { UsageCounter } from '../../ports/usage.ts';
import { authenticateClient, type ClientAuthenticationDependencies } from '../client-authentication/index.ts';
import type { TokenFinder } from '../find-token.ts';
import type { Form } from '../form.ts';
import {
  CLIENT_TOKEN_KIND,
  type ClientTokenDependencies,
  describeClientToken,
} from '../client-tokens/describe-client-token.ts';
import { isAnswerSigningAlg } from '../client-metadata/signed-answers.ts';
import { signInClaims } from '../issue-access-token.ts';
import type { KeyRing } from '../key-ring.ts';
import type { Caller, LastUses } from '../last-uses.ts';
import { OAuthError } from '../oauth-error.ts';
import {
  isServedBy,
  PERSONAL_TOKEN_KIND,
  personalTokenClaims,
  type PersonalTokenRefusal,
  refusalOf,
  scopesNow,
} from '../personal-tokens/describe-token.ts';
import type { JudgeDependencies } from '../personal-tokens/judge-token.ts';
import { judgePersonalTokenUse } from '../policies/judge-uses.ts';
import type { RequestContext } from '../request-context.ts';
import { audienceOf } from '../resource-indicators.ts';
import type { SubjectIdentifiers } from '../subject-identifier.ts';
import { type TokenType, tokenTypeOf } from '../token-response.ts';

/** The same for every token that is not good here, so that nothing can be learnt by asking. */
const INACTIVE = { active: false } as const;

/** The account behind a subject; for the server's own APIs alone. */
export const USER_ID_CLAIM = 'tessera_user_id';
/** The claims that the client named for UserInfo; for the server itself alone. */
export const USERINFO_CLAIMS_CLAIM = 'tessera_userinfo_claims';

/** Only the API that a token was for is told why it is not good any more. */
export type InactiveReason = PersonalTokenRefusal;

export type IntrospectionResponse =
  | { readonly active: false; readonly tessera_reason?: InactiveReason }
  | {
      readonly active: true;
      readonly iss: string;
      readonly sub: string;
      readonly aud: string | readonly string[];
      readonly client_id: string;
      readonly exp: number;
      readonly iat: number;
      readonly scope?: string;
      /** The token's id, as the admin API names it. */
      readonly jti?: string;
      readonly token_type?: TokenType;
      readonly org_id?: string;
      /** By this the API knows the token when the grant ends. */
      readonly grant_id?: string;
      readonly [USER_ID_CLAIM]?: string;
      readonly [USERINFO_CLAIMS_CLAIM]?: readonly string[];
      /** What kind of token it is, where it is no plain access token. */
      readonly tessera_kind?: typeof CLIENT_TOKEN_KIND | typeof PERSONAL_TOKEN_KIND;
      /** RFC 9470 §6.2. */
      readonly auth_time?: number;
      readonly acr?: string;
      /** The newest change of an access policy that it was judged by. */
      readonly policy_epoch?: number;
      /** RFC 7800 §3.1. */
      readonly cnf?: Confirmation;
      /** RFC 8693 §4.1. */
      readonly act?: Actor;
      /** RFC 8693 §4.4. */
      readonly may_act?: { readonly sub: string };
      /** RFC 9396 §9.2. */
      readonly authorization_details?: readonly AuthorizationDetail[];
    };

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
      return describeAccessToken(found.state, caller, context.at, form, dependencies);
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

async function describeAccessToken(
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
  const description = await describe(state, audience, at, dependencies);
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

export interface DescriptionDependencies {
  readonly issuer: string;
  readonly subjectOf: SubjectIdentifiers;
  readonly clients: Clients;
  readonly resources: Resources;
}

/** What the server's own APIs ask: the same answer, without a caller to be authenticated. */
export function createOwnIntrospection(
  findToken: TokenFinder,
  clock: Clock,
  dependencies: DescriptionDependencies,
): (token: string) => Promise<IntrospectionResponse> {
  return async (token) => {
    const found = await findToken(token);
    if (found?.kind !== 'access_token') return INACTIVE;
    const { audience } = await audienceOf(
      found.state.row.resourceId,
      dependencies.issuer,
      dependencies.resources,
    );
    const description = await describe(found.state, audience, clock(), dependencies);
    const { userId, userinfoClaims } = found.state.row;
    if (!description.active || userId === undefined) return description;
    return {
      ...description,
      [USER_ID_CLAIM]: userId,
      ...(userinfoClaims === undefined ? {} : { [USERINFO_CLAIMS_CLAIM]: userinfoClaims }),
    };
  };
}

async function describe(
  { row, endedAt, signIn }: AccessTokenState,
  audience: readonly string[],
  at: number,
  { issuer, clients, subjectOf }: DescriptionDependencies,
): Promise<IntrospectionResponse> {
  const client = await clients.find(row.clientId);
  const [onlyAudience] = audience;
  if (endedAt !== undefined || onlyAudience === undefined || client?.status !== 'active') {
    return { active: false, tessera_reason: 'revoked' };
  }
  if (at >= row.expiresAt) return { active: false, tessera_reason: 'expired' };
  return {
    active: true,
    iss: issuer,
    sub: row.subject ?? (row.userId === undefined ? row.clientId : subjectOf(row.userId, client)),
    aud: audience.length === 1 ? onlyAudience : audience,
    client_id: row.clientId,
    exp: row.expiresAt / 1000,
    iat: row.issuedAt / 1000,
    ...(row.scopes.length === 0 ? {} : { scope: row.scopes.join(' ') }),
    jti: Buffer.from(row.id).toString('base64url'),
    token_type: tokenTypeOf(row),
    org_id: client.organizationId,
    ...(row.grantId === undefined ? {} : { grant_id: row.grantId }),
    ...(signIn === undefined ? {} : signInClaims(signIn)),
    ...(row.policyEpoch === undefined ? {} : { policy_epoch: row.policyEpoch }),
    ...(row.confirmation === undefined ? {} : { cnf: row.confirmation }),
    ...(row.actor === undefined ? {} : { act: row.actor }),
    ...(row.mayAct === undefined ? {} : { may_act: { sub: row.mayAct } }),
    ...(row.authorizationDetails === undefined ? {} : { authorization_details: row.authorizationDetails }),
  };
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
