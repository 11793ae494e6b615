/**
 * Issues an access token: draws it, and makes the row it leaves. Nothing is good before that row is committed.
 * @spec RFC 6749 §1.4, RFC 9068 §2
 */
import { createTokenString, hashTokenString, type Random } from '@tessera/tokens';
import type { AccessTokenLifetimes, Lifetime } from '../access/lifetime.ts';
import type { Limit } from '../access/policies/judge.ts';
import type { AccessTokenRow } from '../domain/access-token.ts';
import type { Actor } from '../domain/actor.ts';
import type { AuthorizationDetail } from '../domain/authorization-detail.ts';
import type { Client } from '../domain/client.ts';
import type { Confirmation } from '../domain/confirmation.ts';
import type { Grant } from '../domain/grant.ts';
import type { Resource } from '../domain/resource.ts';
import type { UsageCounter } from '../ports/usage.ts';
import { acrOf } from './acr.ts';
import type { CatTokens } from './cat-tokens.ts';
import type { GrantUses } from './grant-uses.ts';
import type { KeyRing } from './key-ring.ts';
import { isHeldToFapi2, PROFILE_SIGNING_ALGS } from './security-profile.ts';
import { placeOf, statusListUri } from '../domain/status-list.ts';
import type { PolicyJudge, TokenRuling } from './policies/judge-tokens.ts';
import type { RequestContext } from './request-context.ts';
import type { StatusIndexes } from './status-indexes.ts';
import type { SubjectIdentifiers } from './subject-identifier.ts';
import { type Target, targetResourceId } from './resource-indicators.ts';

export interface AccessTokenIssuance {
  readonly client: Client;
  /** Absent when the client acts for itself. */
  readonly grant: Grant | undefined;
  readonly target: Target;
  readonly scopes: readonly string[];
  /** Milliseconds. */
  readonly at: number;
  /** The request that it is issued to. */
  readonly context: RequestContext;
  /** The key the token is bound to; absent: a bearer token. */
  readonly confirmation?: Confirmation | undefined;
  /** The details it carries; those of the grant unless given. None is an empty list. */
  readonly authorizationDetails?: readonly AuthorizationDetail[] | undefined;
  /** Who acts for the subject (RFC 8693 §4.1). */
  readonly actor?: Actor | undefined;
  /** How it names the person; as the client knows them unless given. */
  readonly subject?: string | undefined;
  /** Whose assertion it is given for, where no grant says so. */
  readonly trustedIssuerId?: string | undefined;
  /** Milliseconds; the token ends then at the latest. */
  readonly notAfter?: number | undefined;
}

export interface IssuedAccessToken {
  readonly token: string;
  readonly expiresInSeconds: number;
  readonly row: AccessTokenRow;
}

export type AccessTokenIssuer = (issuance: AccessTokenIssuance) => Promise<IssuedAccessToken>;

export interface AccessTokenIssuerDependencies {
  readonly issuer: string;
  readonly keyRing: KeyRing;
  readonly random: Random;
  readonly subjectOf: SubjectIdentifiers;
  readonly statusIndexes: StatusIndexes;
  readonly lifetimeOf: AccessTokenLifetimes;
  readonly catTokens: Pick<CatTokens, 'sign'>;
  readonly grantUses: Pick<GrantUses, 'note'>;
  readonly usage: Pick<UsageCounter, 'issued'>;
  readonly policies: Pick<PolicyJudge, 'token'>;
}

/** A draw and a hash; where the API's format is JWT, CWT or CAT, a signature, which another thread makes. */
export function createAccessTokenIssuer(dependencies: AccessTokenIssuerDependencies): AccessTokenIssuer {
  const { issuer, random, subjectOf, statusIndexes, catTokens, grantUses, lifetimeOf, usage, policies } =
    dependencies;
  return async (asked) => {
    const issuance = actingIn(asked);
    const { client, grant, target, scopes, confirmation, actor, mayAct, subject } = issuance;
    const judging = policies.token(issuance);
    // Awaited only where there is a policy to judge by.
    const policy = judging instanceof Promise ? await judging : judging;
    usage.issued(client.id);
    if (grant !== undefined) grantUses.note(grant.id, issuance.at);
    const granted = issuance.authorizationDetails ?? grant?.authorizationDetails;
    const authorizationDetails = granted?.length === 0 ? undefined : granted;
    const resource = target.kind === 'resource' ? target.resource : undefined;
    const issuedAtSeconds = Math.floor(issuance.at / 1000);
    const ruled = lifetimeOf(client, resource);
    // Awaited only where an organization had to be looked up.
    const lifetime = limited(
      withinPolicy(ruled instanceof Promise ? await ruled : ruled, policy),
      issuedAtSeconds,
      issuance.notAfter,
    );
    const row = commonRow(issuance, lifetime, issuedAtSeconds, authorizationDetails, policy);
    if (resource === undefined || resource.tokenFormat === 'opaque') {
      const token = createTokenString('at', random);
      return {
        token,
        expiresInSeconds: lifetime.seconds,
        row: { id: hashTokenString(token), format: 'opaque', ...row },
      };
    }
    const jti = Buffer.from(random(16)).toString('base64url');
    const common = {
      iss: issuer,
      sub: subject ?? (grant === undefined ? client.id : subjectOf(grant.userId, client)),
      aud: resource.identifier,
      exp: issuedAtSeconds + lifetime.seconds,
      iat: issuedAtSeconds,
      jti,
      client_id: client.id,
      ...(scopes.length === 0 ? {} : { scope: scopes.join(' ') }),
      ...(grant === undefined ? {} : { grant_id: grant.id }),
      ...(confirmation === undefined ? {} : { cnf: confirmation }),
    };
    const { tokenFormat } = resource;
    const issued = {
      expiresInSeconds: lifetime.seconds,
      row: { id: hashTokenString(jti), format: tokenFormat, ...row },
    };
    // It has no claim for a place in a status list: its end is told by its id.
    if (tokenFormat === 'cat') return { ...issued, token: await catTokens.sign(resource, common) };
    const taken = statusIndexes.take(issuance.at);
    const statusIndex = typeof taken === 'number' ? taken : await taken;
    const { list, idx } = placeOf(statusIndex);
    const claims = {
      ...common,
      org_id: client.organizationId,
      status: { status_list: { idx, uri: statusListUri(issuer, list) } },
      ...(grant === undefined ? {} : signInClaims(grant)),
      ...(policy === undefined ? {} : { policy_epoch: policy.epoch }),
      ...(actor === undefined ? {} : { act: actor }),
      ...(mayAct === undefined ? {} : { may_act: { sub: mayAct } }),
      ...(authorizationDetails === undefined ? {} : { authorization_details: authorizationDetails }),
    };
    const token = await signed(resource, client, claims, dependencies);
    return { ...issued, token, row: { ...issued.row, statusIndex } };
  };
}

/** Whatever an agent holds for a person says so, however it came by it (RFC 8693 §4.1); who acts is followed by nobody. */
function actingIn(issuance: AccessTokenIssuance): AccessTokenIssuance & { readonly mayAct?: string } {
  const { client, grant, actor } = issuance;
  if (actor !== undefined || grant === undefined) return issuance;
  if (client.agent !== undefined) return { ...issuance, actor: { sub: client.id } };
  return grant.mayAct === undefined ? issuance : { ...issuance, mayAct: grant.mayAct };
}

/** What the rows of all formats have in common. */
function commonRow(
  {
    client,
    grant,
    target,
    scopes,
    confirmation,
    actor,
    mayAct,
    subject,
    trustedIssuerId,
  }: ReturnType<typeof actingIn>,
  lifetime: Lifetime,
  issuedAtSeconds: number,
  authorizationDetails: AccessTokenRow['authorizationDetails'],
  policy: TokenRuling | undefined,
): Omit<AccessTokenRow, 'id' | 'format'> {
  const resourceId = targetResourceId(target);
  return {
    clientId: client.id,
    scopes,
    issuedAt: issuedAtSeconds * 1000,
    expiresAt: (issuedAtSeconds + lifetime.seconds) * 1000,
    lifetimeReason: lifetime.reason,
    ...(grant === undefined ? {} : { grantId: grant.id, userId: grant.userId }),
    ...(resourceId === undefined ? {} : { resourceId }),
    ...(confirmation === undefined ? {} : { confirmation }),
    ...(actor === undefined ? {} : { actor }),
    ...(mayAct === undefined ? {} : { mayAct }),
    ...(subject === undefined ? {} : { subject }),
    ...(trustedIssuerId === undefined ? {} : { trustedIssuerId }),
    ...(authorizationDetails === undefined ? {} : { authorizationDetails }),
    ...(policy === undefined ? {} : { policyEpoch: policy.epoch }),
    ...(grant?.claims?.userinfo === undefined ? {} : { userinfoClaims: Object.keys(grant.claims.userinfo) }),
  };
}

function signed(
  { tokenFormat, signingAlg }: Resource,
  client: Client,
  claims: Readonly<Record<string, unknown>>,
  { keyRing }: AccessTokenIssuerDependencies,
): Promise<string> {
  if (tokenFormat === 'cwt') return keyRing.signCwtElsewhere('application/at+cwt', claims);
  const isWeak =
    signingAlg === 'HS256' || (isHeldToFapi2(client) && !PROFILE_SIGNING_ALGS.includes(signingAlg));
  const alg = isWeak ? 'ES256' : signingAlg;
  return keyRing.signElsewhere(alg, 'at+jwt', claims);
}

/** Policies come after the rules of lifetimes; of theirs those that shorten come last. */
function withinPolicy(lifetime: Lifetime, policy: TokenRuling | undefined): Lifetime {
  if (policy === undefined) return lifetime;
  const { lengthen, shorten } = policy;
  const longer = lengthen !== undefined && lengthen.seconds > lifetime.seconds ? by(lengthen) : lifetime;
  return shorten !== undefined && shorten.seconds < longer.seconds ? by(shorten) : longer;
}

function by({ seconds, policyId }: Limit): Lifetime {
  return { seconds, reason: `policy:${policyId}` };
}

/** A token that was made from another one does not outlive it. */
function limited(lifetime: Lifetime, fromSeconds: number, notAfter: number | undefined): Lifetime {
  if (notAfter === undefined) return lifetime;
  const seconds = Math.floor(notAfter / 1000) - fromSeconds;
  return seconds < lifetime.seconds ? { seconds, reason: 'subject_token' } : lifetime;
}

/** When and how well the person proved who they are (RFC 9068 §2.2.1, RFC 9470 §6). */
export function signInClaims(grant: Pick<Grant, 'authTime' | 'amr' | 'acr'>): {
  readonly auth_time: number;
  readonly acr?: string;
} {
  const acr = acrOf(grant);
  const auth_time = Math.floor(grant.authTime / 1000);
  return acr === undefined ? { auth_time } : { auth_time, acr };
}
