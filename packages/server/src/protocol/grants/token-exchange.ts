/**
 * Token exchange: a service trades the token it was called with for one that it may call the next API with. The new
 * token never reaches further than the old one, lives no longer, ends with the same grant, and says who acts.
 * @spec RFC 8693 §2 and §4, RFC 8707 §2
 */
import { decodeJwt } from '@tessera/tokens';
import type { AccessTokenRow } from '../../domain/access-token.ts';
import type { Actor } from '../../domain/actor.ts';
import { type Client, isPublicClient, TOKEN_EXCHANGE_GRANT } from '../../domain/client.ts';
import type { Grant } from '../../domain/grant.ts';
import type { Resource } from '../../domain/resource.ts';
import { isOpenidScope } from '../../domain/scope.ts';
import type { Agents } from '../../ports/agents.ts';
import type { AccessTokens } from '../../ports/access-tokens.ts';
import type { Clients } from '../../ports/clients.ts';
import type { Grants } from '../../ports/grants.ts';
import type { Resources } from '../../ports/resources.ts';
import { requireActors } from '../agent-grants.ts';
import { narrowDetails } from '../authorization-details.ts';
import type { TokenFinder } from '../find-token.ts';
import type { Form } from '../form.ts';
import type { AccessTokenIssuer } from '../issue-access-token.ts';
import { OAuthError } from '../oauth-error.ts';
import { provesKey } from '../proves-key.ts';
import type { TokenRequestContext } from '../request-context.ts';
import { parseScope, stillGrantable } from '../requested-scopes.ts';
import { resourceOf, type Target, targetOf, targetResourceId } from '../resource-indicators.ts';
import type { SubjectIdentifiers } from '../subject-identifier.ts';
import { tokenResponse } from '../token-response.ts';
import type { GrantHandler } from './grant-handler.ts';
import {
  exchangeForUpstream,
  namedProvider,
  type UpstreamExchangeDependencies,
} from './upstream-token-exchange.ts';

export interface TokenExchangeDependencies {
  readonly issuer: string;
  readonly findToken: TokenFinder;
  readonly clients: Pick<Clients, 'find'>;
  readonly grants: Grants;
  readonly resources: Resources;
  readonly accessTokens: AccessTokens;
  readonly issueAccessToken: AccessTokenIssuer;
  readonly subjectOf: SubjectIdentifiers;
  readonly upstream: UpstreamExchangeDependencies;
  readonly agents: Pick<Agents, 'standing'>;
}

/** RFC 8693 §3. */
const ACCESS_TOKEN_TYPE = 'urn:ietf:params:oauth:token-type:access_token';
const JWT_TYPE = 'urn:ietf:params:oauth:token-type:jwt';
/** So many may stand between a person and an API. */
const MAX_ACTORS = 4;

export function tokenExchangeGrant(dependencies: TokenExchangeDependencies): GrantHandler {
  const { accessTokens, resources, issueAccessToken } = dependencies;
  return {
    type: TOKEN_EXCHANGE_GRANT,
    async exchange(form, client, context) {
      if (isPublicClient(client)) {
        throw new OAuthError('unauthorized_client', 'A public client cannot exchange tokens');
      }
      const requestedType = readRequestedType(form);
      const subject = await readToken('subject_token', form, context, dependencies);
      const provider = await namedProvider(form, dependencies.upstream);
      if (provider !== undefined) {
        const question = { form, subject: subject.row, client, context };
        return exchangeForUpstream(provider, question, dependencies.upstream);
      }
      const target = await exchangeTarget(form, subject.row, client, dependencies);
      const resource = await resourceOf(target, resources);
      refuseOtherFormat(requestedType, target);
      const same = isSameTarget(target, subject.row);
      const narrows = same && client.id === subject.row.clientId;
      const actor = await actorOf({ form, subject, client, context, narrows }, dependencies);
      const scopes = narrowedScopes(form, subject.row, client, target, resource);
      const grant = await grantOf(subject.row, dependencies);
      // Details of another API do not come along, nor those that the subject token itself lacks.
      const passedOn = same ? (subject.row.authorizationDetails ?? []) : [];
      const authorizationDetails = narrowDetails(form, passedOn, resource);
      const subjectName = await subjectOfToken(subject.row, client, dependencies);
      const { at, confirmation } = context;
      const issued = await issueAccessToken({
        client,
        grant,
        target,
        scopes,
        at,
        context,
        confirmation,
        actor,
        subject: subjectName,
        authorizationDetails,
        notAfter: subject.row.expiresAt,
      });
      await accessTokens.issue(issued.row);
      if (actor?.act !== undefined) await requireActors(actor.act, dependencies.agents);
      return { ...tokenResponse(issued), issued_token_type: requestedType };
    },
  };
}

/** RFC 8693 §2.2.2: whatever is wrong with one of the tokens. */
function refused(description: string, detail?: string): OAuthError {
  return new OAuthError('invalid_request', description, detail === undefined ? {} : { detail });
}

function readRequestedType(form: Form): string {
  const requested = form.get('requested_token_type') ?? ACCESS_TOKEN_TYPE;
  if (requested === ACCESS_TOKEN_TYPE || requested === JWT_TYPE) return requested;
  throw refused('The requested_token_type is not supported; there are access tokens only');
}

/** Whoever asks for a JWT must not get a string that is none. */
function refuseOtherFormat(requestedType: string, target: Target): void {
  if (requestedType !== JWT_TYPE) return;
  if (target.kind === 'resource' && target.resource.tokenFormat === 'jwt') return;
  throw refused('The tokens of this API are not JWTs; ask for an access token');
}

interface PresentedToken {
  readonly row: AccessTokenRow;
  /** Claims of a JWT, CWT or CAT whose signature holds; empty for an opaque token. */
  readonly claims: Readonly<Record<string, unknown>>;
}

/** A live access token of ours, by whatever of the two types that it has (RFC 8693 §2.1). */
async function readToken(
  name: 'subject_token' | 'actor_token',
  form: Form,
  { at, confirmation }: TokenRequestContext,
  { findToken }: TokenExchangeDependencies,
): Promise<PresentedToken> {
  const token = form.require(name);
  const type = form.require(`${name}_type`);
  if (type !== ACCESS_TOKEN_TYPE && type !== JWT_TYPE) {
    throw refused(`The ${name}_type is not supported; only access tokens can be exchanged`);
  }
  const found = await findToken(token);
  const isGood =
    found?.kind === 'access_token' && found.state.endedAt === undefined && at < found.state.row.expiresAt;
  if (!isGood || (type === JWT_TYPE && found.state.row.format !== 'jwt'))
    throw refused(`The ${name} is not good`);
  const { row } = found.state;
  // Whoever cannot prove the key could not use the token either.
  if (!provesKey(row.confirmation, confirmation)) throw refused(`The ${name} is bound to another key`);
  return { row, claims: await claimsOf(token, row) };
}

async function claimsOf(token: string, { format }: AccessTokenRow): Promise<PresentedToken['claims']> {
  if (format === 'opaque') return {};
  if (format === 'jwt') return decodeJwt(token)?.payload ?? {};
  // Loaded when they are needed: most servers never see a CWT or a CAT.
  if (format === 'cat') {
    const { catClaimsToJson, decodeCat } = await import('@tessera/tokens/cat');
    return catClaimsToJson(decodeCat(token).claims);
  }
  const { decodeCwt } = await import('@tessera/tokens/cwt');
  return decodeCwt(token)?.payload ?? {};
}

/**
 * The API that the new token is for. A client may narrow its own token for the same API; every other way is open only
 * to the clients that the API names, and only with a token that reached them: their own, or one for an API they serve;
 * and to the agent that the person named for the tokens of an app (RFC 8693 §4.4).
 * `audience` is no alias here: both name a target (RFC 8693 §2.1), and all must be one.
 */
async function exchangeTarget(
  form: Form,
  subject: AccessTokenRow,
  client: Client,
  { issuer, resources }: TokenExchangeDependencies,
): Promise<Target> {
  const before = await targetOf(subject.resourceId, resources);
  if (before === undefined) throw refused('The subject_token is not good', 'its API is gone');
  if (isAgentOf(subject, client)) {
    const named = await namedTarget(form, before, issuer, resources);
    if (isSameTarget(named, subject)) return named;
    throw new OAuthError('invalid_target', 'An agent gets a token for the API of the subject_token only');
  }
  const isOwn = subject.clientId === client.id;
  if (!isOwn && (await resourceOf(before, resources))?.resourceServers.includes(client.id) !== true) {
    throw refused('The subject_token was not for this client', 'neither its own nor for an API it serves');
  }
  const target = await namedTarget(form, before, issuer, resources);
  if (isOwn && isSameTarget(target, subject)) return target;
  const resource = target.kind === 'resource' ? target.resource : undefined;
  if (resource?.builtIn !== false || resource.tokenExchangeClients?.includes(client.id) !== true) {
    throw new OAuthError('invalid_target', 'This client may not exchange tokens for this resource');
  }
  return target;
}

/** Whether the client is the agent that the person named, and still names, for the tokens of that app. */
function isAgentOf({ userId, clientId, mayAct }: AccessTokenRow, { id, agent }: Client): boolean {
  return (
    agent !== undefined && mayAct === id && agent.ownerId === userId && agent.actsWith.includes(clientId)
  );
}

function isSameTarget(target: Target, subject: AccessTokenRow): boolean {
  return targetResourceId(target) === subject.resourceId;
}

/** Where nothing is named, the API of the subject token. */
async function namedTarget(
  form: Form,
  before: Target,
  issuer: string,
  resources: Resources,
): Promise<Target> {
  const named = new Set([...form.all('resource'), ...form.all('audience')]);
  const [identifier] = named;
  if (identifier === undefined) return before;
  if (named.size > 1) throw new OAuthError('invalid_target', 'An access token is for one API; name one');
  if (identifier === issuer) return { kind: 'issuer' };
  const resource = await resources.findByIdentifier(identifier);
  if (resource === undefined) {
    throw new OAuthError('invalid_target', 'The requested resource is not known here');
  }
  return { kind: 'resource', resource };
}

interface ActorQuestion {
  readonly form: Form;
  readonly subject: PresentedToken;
  readonly client: Client;
  readonly context: TokenRequestContext;
  /** Whether the client asks for less of what it has: its own token, for the same API. */
  readonly narrows: boolean;
}

/**
 * Who acts: the client, which its actor token may repeat. Only a client that narrows its own token adds nobody;
 * in no way does a client become the person.
 */
async function actorOf(
  { form, subject, client, context, narrows }: ActorQuestion,
  dependencies: TokenExchangeDependencies,
): Promise<Actor | undefined> {
  const { row, claims } = subject;
  const presented = form.has('actor_token') || form.has('actor_token_type');
  const actorToken = presented ? await readToken('actor_token', form, context, dependencies) : undefined;
  if (actorToken !== undefined && actorToken.row.clientId !== client.id) {
    throw refused('The actor_token was not issued to this client');
  }
  const actsForItself = row.userId === undefined && row.clientId === client.id;
  if (actorToken === undefined && (narrows || actsForItself)) return row.actor;
  if (actorToken?.row.userId !== undefined) {
    throw refused('The actor_token stands for a person; only programs act for others');
  }
  // What the person's own settings say lets the agent act, beside whom the API lets.
  if (row.mayAct === undefined) refuseUnlessMayAct(claims['may_act'], client.id, dependencies.issuer);
  // What is not in the store cannot be told apart later: a program's token stands for its client alone.
  if (row.userId === undefined && row.clientId !== client.id) {
    throw refused('The subject_token stands for no person; its client asks for a token of its own');
  }
  if (depthOf(row.actor) >= MAX_ACTORS) throw refused('Too many act for each other already');
  return { sub: client.id, ...(row.actor === undefined ? {} : { act: row.actor }) };
}

/** A token that names who may act for its subject lets nobody else (RFC 8693 §4.4). */
function refuseUnlessMayAct(mayAct: unknown, clientId: string, issuer: string): void {
  if (mayAct === undefined) return;
  const claims: Readonly<Record<string, unknown>> =
    typeof mayAct === 'object' && mayAct !== null ? { ...mayAct } : {};
  const { iss = issuer, client_id: named = clientId } = claims;
  if (claims['sub'] === clientId && iss === issuer && named === clientId) return;
  throw refused('The subject_token lets somebody else act, and nobody besides');
}

function depthOf(actor: Actor | undefined): number {
  return actor === undefined ? 0 : 1 + depthOf(actor.act);
}

/** What the subject token, the client and the API have in common; never more, never nothing in the place of something. */
function narrowedScopes(
  form: Form,
  subject: AccessTokenRow,
  client: Client,
  target: Target,
  resource: Resource | undefined,
): readonly string[] {
  const same = isSameTarget(target, subject);
  const common = stillGrantable(subject.scopes, client, resource).filter(
    (name) => same || !isOpenidScope(name),
  );
  const requested = parseScope(form.get('scope'));
  if (requested.some((name) => !common.includes(name))) {
    throw new OAuthError('invalid_scope', 'A requested scope is not one that the subject_token can pass on');
  }
  const scopes = requested.length === 0 ? common : requested;
  if (scopes.length === 0 && (subject.scopes.length > 0 || !same)) {
    throw new OAuthError('invalid_scope', 'The subject_token has no scope that this API knows');
  }
  return scopes;
}

/**
 * A pairwise subject stays what it is, so that nobody learns by an exchange who that is elsewhere. Undefined where the
 * client's own name for the person tells it no more than the subject token does.
 * @spec OpenID Connect Core §8.1
 */
async function subjectOfToken(
  { userId, clientId, subject }: AccessTokenRow,
  client: Client,
  { clients, subjectOf }: TokenExchangeDependencies,
): Promise<string | undefined> {
  if (userId === undefined || client.metadata.subject_type === 'pairwise') return undefined;
  if (subject !== undefined || clientId === client.id) return subject;
  const before = await clients.find(clientId);
  if (before === undefined) throw refused('The subject_token is not good', 'its client is gone');
  return before.metadata.subject_type === 'pairwise' ? subjectOf(userId, before) : undefined;
}

/** The new token hangs from the grant of the old one. */
async function grantOf(
  { grantId }: AccessTokenRow,
  { grants }: TokenExchangeDependencies,
): Promise<Grant | undefined> {
  if (grantId === undefined) return undefined;
  const grant = await grants.find(grantId);
  if (grant === undefined) throw refused('The subject_token is not good', 'its grant is gone');
  return grant;
}
