/**
 * Carries an authorization request on: looks what it needs, writes the grant and the code, or the refusal.
 * @spec RFC 6749 §4.1.2, OpenID Connect Core §3.1.2.5
 */
import { createTokenString, hashTokenString, type Random } from '@tessera/tokens';
import { AUTHORIZATION_CODE_LIFETIME_MS } from '../../domain/authorization-code.ts';
import { type Client, isSelfRegistered } from '../../domain/client.ts';
import type { Grant } from '../../domain/grant.ts';
import type { Session } from '../../domain/session.ts';
import type { Agents } from '../../ports/agents.ts';
import type { Audit } from '../../ports/audit.ts';
import type { Consent } from '../../domain/consent.ts';
import type { Connections } from '../../ports/connections.ts';
import type { Consents } from '../../ports/consents.ts';
import { ANSWERED_REQUEST, type AnsweredRequest, type Grants } from '../../ports/grants.ts';
import type { UsedIdentifiers } from '../../ports/used-identifiers.ts';
import { agreedAcr, wantedAcr } from '../acr.ts';
import { auditEvent } from '../audit-event.ts';
import type { ClientDocuments } from '../client-documents/client-documents.ts';
import type { KeyRing } from '../key-ring.ts';
import type { OAuthErrorCode } from '../oauth-error.ts';
import { judgedRequest, type JudgeAuthorizationDependencies } from '../policies/judge-authorization.ts';
import type { RequestContext } from '../request-context.ts';
import { grantedResourceIds } from '../resource-indicators.ts';
import type { SubjectIdentifiers } from '../subject-identifier.ts';
import { type AuthorizationRequest, type RedirectTarget, scopesAgreedTo } from './authorization-request.ts';
import { type AuthorizationAnswer, codeResponse, errorResponse } from './authorization-response.ts';
import { type NextStep, nextStep } from './next-step.ts';

export interface AuthorizeDependencies {
  readonly issuer: string;
  readonly grants: Grants;
  readonly documents: Pick<ClientDocuments, 'keep'>;
  readonly consents: Consents;
  readonly connections: Pick<Connections, 'block' | 'isBlocked'>;
  readonly agents: Pick<Agents, 'actingWith'>;
  readonly usedIdentifiers: UsedIdentifiers;
  readonly audit: Audit;
  readonly keyRing: KeyRing;
  readonly subjectOf: SubjectIdentifiers;
  readonly resources: JudgeAuthorizationDependencies['resources'];
  readonly policyJudge: JudgeAuthorizationDependencies['policyJudge'];
  /** A sign-in counts for so long; absent: as long as its session lives. */
  readonly signInFrequencySeconds?: number | undefined;
  readonly random: Random;
}

/**
 * What to do now with a request, for the session the browser has (or has not).
 * @returns `asked`: the request with what access policies demand beside it
 */
export async function findNextStep(
  asked: AuthorizationRequest,
  client: Client,
  session: Session | undefined,
  context: RequestContext,
  dependencies: AuthorizeDependencies,
): Promise<NextStep & { readonly asked: AuthorizationRequest }> {
  const request =
    session === undefined ? asked : await judgedRequest(asked, client, session, context, dependencies);
  if (request === undefined) {
    const description = 'An access policy does not allow this';
    return { step: 'refuse', error: 'access_denied', description, asked };
  }
  return { ...(await stepOf(request, client, session, context.at, dependencies)), asked: request };
}

async function stepOf(
  request: AuthorizationRequest,
  client: Client,
  session: Session | undefined,
  now: number,
  { consents, connections, subjectOf, signInFrequencySeconds }: AuthorizeDependencies,
): Promise<NextStep> {
  const blocked = session !== undefined && (await connections.isBlocked(session.userId, client.id));
  const remembered =
    session === undefined ? [] : await findConsents(request, client, session.userId, consents);
  const subject = session === undefined ? undefined : subjectOf(session.userId, client);
  const { hintedSubject: hinted } = request;
  // Only by the identifier that the client itself was told: it must not learn whom another app knows by another.
  const isHinted = hinted !== undefined && hinted === subject;
  const hintedUserId = hinted === undefined ? undefined : isHinted ? session?.userId : 'unknown';
  const facts = { request, client, session, consents: remembered, hintedUserId, subject, blocked, now };
  return nextStep({ ...facts, signInFrequencySeconds });
}

/** What is remembered for each API of a request, in their order. */
export function findConsents(
  request: AuthorizationRequest,
  client: Client,
  userId: string,
  consents: Consents,
): Promise<readonly (Consent | undefined)[]> {
  return Promise.all(grantedResourceIds(request).map((id) => consents.find(userId, client.id, id)));
}

/** A request that was answered is remembered for longer than its pages can be used, or its signature is good. */
const ANSWERED_FOR_MS = 2 * 3600_000;

function answered({ id }: AuthorizationRequest, at: number): AnsweredRequest | undefined {
  return id === undefined ? undefined : { id, until: at + ANSWERED_FOR_MS };
}

/**
 * Writes grant and code, and gives the answer that carries it.
 * @param agreed what the person was asked for when they have just said yes; then it is remembered
 * @returns undefined, with nothing written, when the request was answered before
 */
export async function issueCode(
  request: AuthorizationRequest,
  client: Client,
  session: Session,
  agreed: AuthorizationRequest | undefined,
  context: RequestContext,
  dependencies: AuthorizeDependencies,
): Promise<AuthorizationAnswer | undefined> {
  const { grants, documents, agents, random } = dependencies;
  if (client.registeredBy === 'metadata_document') await documents.keep(client, context);
  const code = createTokenString('ac', random);
  const [mayAct] = await agents.actingWith(session.userId, client.id);
  const made = newGrant(request, client, session, context.at, random);
  const grant: Grant = mayAct === undefined ? made : { ...made, mayAct };
  const about = { userId: session.userId, clientId: client.id, resourceId: request.resourceId };
  const answers = answered(request, context.at);
  const written = await grants.authorize({
    grant,
    ...(answers === undefined ? {} : { answers }),
    code: {
      hash: hashTokenString(code),
      grantId: grant.id,
      clientId: client.id,
      redirectUri: request.redirectUri,
      expiresAt: context.at + AUTHORIZATION_CODE_LIFETIME_MS,
      ...(request.codeChallenge === undefined ? {} : { codeChallenge: request.codeChallenge }),
      ...(request.nonce === undefined ? {} : { nonce: request.nonce }),
      ...(request.dpopJkt === undefined ? {} : { dpopJkt: request.dpopJkt }),
    },
    ...(agreed === undefined
      ? {}
      : {
          consents: consentsOf(request, agreed, session, context.at),
          audit: consentEvent('consent.granted', about, request.scopes, context, random),
        }),
    ...(client.metadata.backchannel_logout_uri === undefined
      ? {}
      : { toldOfSignOut: { sid: session.sid, until: session.expiresAt } }),
  });
  return written ? codeResponse(redirectTarget(request), code, context.at, dependencies) : undefined;
}

/** What is remembered for each API of a request: what was allowed of it, and what was not. */
function consentsOf(
  request: AuthorizationRequest,
  asked: AuthorizationRequest,
  { userId }: Session,
  updatedAt: number,
): NonNullable<Parameters<Grants['authorize']>[0]['consents']> {
  const allowed = scopesAgreedTo(request);
  const wanted = scopesAgreedTo(asked);
  return grantedResourceIds(request).map((resourceId, index) => {
    const scopes = allowed[index] ?? request.scopes;
    const refused = (wanted[index] ?? asked.scopes).filter((scope) => !scopes.includes(scope));
    return {
      userId,
      clientId: request.clientId,
      scopes,
      updatedAt,
      ...(resourceId === undefined ? {} : { resourceId }),
      ...(refused.length === 0 ? {} : { refused }),
    };
  });
}

/** Notes the refusal, and gives the answer that tells it; undefined when the request was answered before. */
export async function denyRequest(
  request: AuthorizationRequest,
  client: Client,
  session: Session,
  context: RequestContext,
  dependencies: AuthorizeDependencies,
): Promise<AuthorizationAnswer | undefined> {
  const { audit, random } = dependencies;
  const error = { code: 'access_denied', description: 'The person did not agree' } as const;
  const answer = await refuseRequest(request, error, context.at, dependencies);
  if (answer === undefined) return undefined;
  const about = { userId: session.userId, clientId: client.id, resourceId: request.resourceId };
  await audit.record(consentEvent('consent.denied', about, request.scopes, context, random));
  return answer;
}

/** As a refusal, and the person hears no more of the app. */
export async function blockClient(
  request: AuthorizationRequest,
  client: Client,
  session: Session,
  context: RequestContext,
  dependencies: AuthorizeDependencies,
): Promise<AuthorizationAnswer | undefined> {
  const { connections, random } = dependencies;
  const { userId } = session;
  const about = { actor: userId, userId, clientId: client.id };
  const event = { type: 'application.blocked', outcome: 'success', ...about } as const;
  await connections.block(userId, client.id, context.at, auditEvent(context, event, random));
  return denyRequest(request, client, session, context, dependencies);
}

/** The answer with an error; it is the last of this request. Undefined when it was answered before. */
export async function refuseRequest(
  request: AuthorizationRequest,
  error: { readonly code: OAuthErrorCode; readonly description: string },
  at: number,
  dependencies: AuthorizeDependencies,
): Promise<AuthorizationAnswer | undefined> {
  const answers = answered(request, at);
  const isFirst =
    answers === undefined ||
    (await dependencies.usedIdentifiers.remember(ANSWERED_REQUEST, answers.id, answers.until, at));
  return isFirst ? errorResponse(redirectTarget(request), error, at, dependencies) : undefined;
}

/** Where the answer to a request goes. */
function redirectTarget(request: AuthorizationRequest): RedirectTarget {
  const { clientId, redirectUri, state, responseMode, responseSigningAlg } = request;
  return {
    clientId,
    redirectUri,
    ...(state === undefined ? {} : { state }),
    ...(responseMode === undefined ? {} : { responseMode }),
    ...(responseSigningAlg === undefined ? {} : { responseSigningAlg }),
  };
}

function newGrant(
  request: AuthorizationRequest,
  client: Client,
  session: Session,
  at: number,
  random: Random,
): Grant {
  const acr = agreedAcr(session.amr, wantedAcr(request));
  return {
    id: `grt_${Buffer.from(random(16)).toString('base64url')}`,
    userId: session.userId,
    clientId: client.id,
    organizationId: client.organizationId,
    sessionId: session.sid,
    scopes: request.scopes,
    authTime: session.authTime,
    amr: session.amr,
    ...(acr === undefined ? {} : { acr }),
    createdAt: at,
    ...(request.resourceId === undefined ? {} : { resourceId: request.resourceId }),
    ...(isSelfRegistered(client) && { redirectUri: request.redirectUri }),
    ...(request.resourceIds === undefined ? {} : { resourceIds: request.resourceIds }),
    ...(request.authorizationDetails === undefined
      ? {}
      : { authorizationDetails: request.authorizationDetails }),
    ...(request.claims === undefined ? {} : { claims: request.claims }),
  };
}

function consentEvent(
  type: 'consent.granted' | 'consent.denied',
  about: { readonly userId: string; readonly clientId: string; readonly resourceId: string | undefined },
  scopes: readonly string[],
  context: RequestContext,
  random: Random,
): ReturnType<typeof auditEvent> {
  const { userId, clientId, resourceId } = about;
  return auditEvent(
    context,
    {
      type,
      outcome: 'success',
      actor: userId,
      userId,
      clientId,
      ...(resourceId === undefined ? {} : { resourceId }),
      ...(scopes.length === 0 ? {} : { detail: { scope: scopes.join(' ') } }),
    },
    random,
  );
}
