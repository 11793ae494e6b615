/**
 * Carries an authorization request on: looks what it needs, writes the grant and the code, or the refusal.
 * @spec RFC 6749 §4.1.2, OpenID Connect Core §3.1.2.5
 */
import { createTokenString, hashTokenString, type Random, verifyJwt } from '@tessera/tokens';
import { AUTHORIZATION_CODE_LIFETIME_MS } from '../../domain/authorization-code.ts';
import { type Client, isSelfRegistered } from '../../domain/client.ts';
import type { Grant } from '../../domain/grant.ts';
import type { Session } from '../../domain/session.ts';
import type { Audit } from '../../ports/audit.ts';
import type { Consents } from '../../ports/consents.ts';
import type { Grants } from '../../ports/grants.ts';
import { ANSWER_SIGNING_ALGS } from '../client-metadata/signed-answers.ts';
import { auditEvent } from '../audit-event.ts';
import type { ClientDocuments } from '../client-documents/client-documents.ts';
import type { KeyRing } from '../key-ring.ts';
import type { RequestContext } from '../request-context.ts';
import type { SubjectIdentifiers } from '../subject-identifier.ts';
import type { AuthorizationRequest, RedirectTarget } from './authorization-request.ts';
import { codeResponse, errorResponse } from './authorization-response.ts';
import { type NextStep, nextStep } from './next-step.ts';

export interface AuthorizeDependencies {
  readonly issuer: string;
  readonly grants: Grants;
  readonly documents: Pick<ClientDocuments, 'keep'>;
  readonly consents: Consents;
  readonly audit: Audit;
  readonly keyRing: KeyRing;
  readonly subjectOf: SubjectIdentifiers;
  readonly random: Random;
}

/** What to do now with a request, for the session the browser has (or has not). */
export async function findNextStep(
  request: AuthorizationRequest,
  client: Client,
  session: Session | undefined,
  now: number,
  { consents, keyRing, issuer, subjectOf }: AuthorizeDependencies,
): Promise<NextStep> {
  const consent =
    session === undefined ? undefined : await consents.find(session.userId, client.id, request.resourceId);
  const hinted = readHint(request.idTokenHint, issuer, keyRing);
  const isHinted = session !== undefined && subjectOf(session.userId, client) === hinted;
  const hintedUserId = isHinted ? session.userId : hinted;
  return nextStep({ request, client, session, consent, hintedUserId, now });
}

/**
 * Writes grant and code, and gives the URL to send the browser to.
 * @param agreed whether the person has just said yes; then it is remembered
 */
export async function issueCode(
  request: AuthorizationRequest,
  client: Client,
  session: Session,
  agreed: boolean,
  context: RequestContext,
  { issuer, grants, documents, random }: AuthorizeDependencies,
): Promise<string> {
  if (client.registeredBy === 'metadata_document') await documents.keep(client, context);
  const code = createTokenString('ac', random);
  const grant = newGrant(request, client, session, context.at, random);
  const about = { userId: session.userId, clientId: client.id, resourceId: request.resourceId };
  await grants.authorize({
    grant,
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
    ...(agreed
      ? {
          consent: {
            userId: session.userId,
            clientId: client.id,
            scopes: request.scopes,
            updatedAt: context.at,
            ...(request.resourceId === undefined ? {} : { resourceId: request.resourceId }),
          },
          audit: consentEvent('consent.granted', about, context, random),
        }
      : {}),
    ...(client.metadata.backchannel_logout_uri === undefined
      ? {}
      : { toldOfSignOut: { sid: session.sid, until: session.expiresAt } }),
  });
  return codeResponse(issuer, redirectTarget(request), code);
}

/** Notes the refusal, and gives the URL to send the browser to. */
export async function denyRequest(
  request: AuthorizationRequest,
  client: Client,
  session: Session,
  context: RequestContext,
  { issuer, audit, random }: AuthorizeDependencies,
): Promise<string> {
  const about = { userId: session.userId, clientId: client.id, resourceId: request.resourceId };
  await audit.record(consentEvent('consent.denied', about, context, random));
  return errorResponse(issuer, redirectTarget(request), 'access_denied', 'The person did not agree');
}

/** Where the answer to a request goes. */
export function redirectTarget({ redirectUri, state }: AuthorizationRequest): RedirectTarget {
  return { redirectUri, ...(state === undefined ? {} : { state }) };
}

function newGrant(
  request: AuthorizationRequest,
  client: Client,
  session: Session,
  at: number,
  random: Random,
): Grant {
  return {
    id: `grt_${Buffer.from(random(16)).toString('base64url')}`,
    userId: session.userId,
    clientId: client.id,
    organizationId: client.organizationId,
    sessionId: session.sid,
    scopes: request.scopes,
    authTime: session.authTime,
    amr: session.amr,
    createdAt: at,
    ...(request.resourceId === undefined ? {} : { resourceId: request.resourceId }),
    ...(isSelfRegistered(client) && { redirectUri: request.redirectUri }),
  };
}

function consentEvent(
  type: 'consent.granted' | 'consent.denied',
  about: { readonly userId: string; readonly clientId: string; readonly resourceId: string | undefined },
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
    },
    random,
  );
}

/** Whoever the hint names; a hint that is not our ID token matches nobody. Its expiry does not matter (Core §3.1.2.1). */
function readHint(hint: string | undefined, issuer: string, keyRing: KeyRing): string | undefined {
  if (hint === undefined) return undefined;
  try {
    const { payload } = verifyJwt(hint, {
      findKey: (kid) => (kid === undefined ? undefined : keyRing.verificationKey(kid)),
      typ: ['JWT'],
      algs: [...ANSWER_SIGNING_ALGS],
    });
    return payload['iss'] === issuer && typeof payload['sub'] === 'string' ? payload['sub'] : 'unknown';
  } catch {
    return 'unknown';
  }
}
