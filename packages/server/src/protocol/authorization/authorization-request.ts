/**
 * The authorization request, checked in the order that keeps a bad one from being redirected: first the client and
 * its redirect URI (else an error page), then the rest (else an error to that URI).
 * @spec RFC 6749 §4.1.1 and §4.1.2.1, RFC 9700 §4.11, OpenID Connect Core §3.1.2.1
 */
import type { Client } from '../../domain/client.ts';
import type { Clients } from '../../ports/clients.ts';
import type { Resources } from '../../ports/resources.ts';
import { looksLikeUrl } from '../client-documents/client-id-url.ts';
import { readDpopJkt } from '../dpop-binding.ts';
import type { Form } from '../form.ts';
import { OAuthError, type OAuthErrorCode } from '../oauth-error.ts';
import { isCodeChallenge } from '../pkce.ts';
import { matchRedirectUri } from '../redirect-uri.ts';
import { grantableScopes, parseScope } from '../requested-scopes.ts';
import { findTarget, resourceOf, targetResourceId } from '../resource-indicators.ts';

/** A request that may go on to a person. Plain data: it is sealed and travels through the pages. */
export interface AuthorizationRequest {
  readonly clientId: string;
  readonly redirectUri: string;
  readonly scopes: readonly string[];
  readonly resourceId?: string;
  readonly state?: string;
  readonly nonce?: string;
  readonly codeChallenge?: string;
  /** The DPoP key that alone may redeem the code (RFC 9449 §10). */
  readonly dpopJkt?: string;
  readonly prompt: readonly Prompt[];
  /** Seconds (OpenID Connect Core §3.1.2.1). */
  readonly maxAge?: number;
  readonly loginHint?: string;
  readonly idTokenHint?: string;
  /** When the request arrived, in milliseconds. */
  readonly startedAt: number;
}

export type Prompt = 'none' | 'login' | 'consent' | 'select_account';

const PROMPTS: readonly string[] = ['none', 'login', 'consent', 'select_account'];
const LONGEST = { state: 4096, nonce: 1024, login_hint: 320, id_token_hint: 8192 } as const;

/** Where an answer, good or bad, may be sent. */
export interface RedirectTarget {
  readonly redirectUri: string;
  readonly state?: string;
}

export type ValidatedAuthorizationRequest =
  | { readonly outcome: 'valid'; readonly request: AuthorizationRequest; readonly client: Client }
  /** For the person's eyes: nothing may be redirected. */
  | { readonly outcome: 'refused_on_page'; readonly reason: PageRefusal }
  | {
      readonly outcome: 'refused_by_redirect';
      readonly client: Client;
      readonly to: RedirectTarget;
      readonly error: OAuthErrorCode;
      readonly description: string;
    };

export type PageRefusal =
  | 'client_id_missing'
  | 'client_unknown'
  | 'client_document_refused'
  | 'redirect_uri_missing'
  | 'redirect_uri_unregistered'
  | 'parameter_repeated';

export interface AuthorizationRequestDependencies {
  readonly issuer: string;
  /** Knows the clients of metadata documents, too. */
  readonly clients: Pick<Clients, 'find'>;
  readonly resources: Resources;
}

export async function validateAuthorizationRequest(
  form: Form,
  startedAt: number,
  dependencies: AuthorizationRequestDependencies,
): Promise<ValidatedAuthorizationRequest> {
  const addressee = await findAddressee(form, dependencies.clients);
  if (typeof addressee === 'string') return { outcome: 'refused_on_page', reason: addressee };
  const { client, redirectUri } = addressee;
  const state = form.repeated().includes('state') ? undefined : form.get('state');
  const to: RedirectTarget = { redirectUri, ...(state === undefined ? {} : { state }) };
  try {
    const request = await readRequest(form, client, to, startedAt, dependencies);
    return { outcome: 'valid', request, client };
  } catch (error) {
    if (!(error instanceof OAuthError)) throw error;
    return { outcome: 'refused_by_redirect', client, to, error: error.code, description: error.description };
  }
}

async function findAddressee(
  form: Form,
  clients: Pick<Clients, 'find'>,
): Promise<{ readonly client: Client; readonly redirectUri: string } | PageRefusal> {
  const repeated = form.repeated();
  if (repeated.includes('client_id') || repeated.includes('redirect_uri')) return 'parameter_repeated';
  const clientId = readShort(form, 'client_id', 512);
  if (clientId === undefined) return 'client_id_missing';
  const client = await clients.find(clientId);
  if (client === undefined || client.status !== 'active') {
    return looksLikeUrl(clientId) ? 'client_document_refused' : 'client_unknown';
  }
  if (!form.has('redirect_uri')) return 'redirect_uri_missing';
  const redirectUri = readShort(form, 'redirect_uri', 2048);
  const registered = client.redirectUris.some(
    (uri) => redirectUri !== undefined && matchRedirectUri(uri, redirectUri),
  );
  return redirectUri !== undefined && registered ? { client, redirectUri } : 'redirect_uri_unregistered';
}

/** A value of bearable length; a longer one is as good as none, and is never looked at again. */
function readShort(form: Form, name: string, longest: number): string | undefined {
  try {
    const value = form.get(name);
    return value === undefined || value.length > longest ? undefined : value;
  } catch {
    return undefined;
  }
}

async function readRequest(
  form: Form,
  client: Client,
  to: RedirectTarget,
  startedAt: number,
  { issuer, resources }: AuthorizationRequestDependencies,
): Promise<AuthorizationRequest> {
  refuseRepeated(form);
  refuseUnsupported(form);
  refuseUnauthorized(client);
  const codeChallenge = readCodeChallenge(form, client);
  const requested = parseScope(form.get('scope'));
  const target = await findTarget(form, issuer, resources);
  const resource = await resourceOf(target, resources);
  const scopes = grantableScopes({ requested, client, resource, person: true });
  const maxAge = readMaxAge(form);
  const resourceId = targetResourceId(target);
  const optional = {
    nonce: readLimited(form, 'nonce'),
    loginHint: readLimited(form, 'login_hint'),
    idTokenHint: readLimited(form, 'id_token_hint'),
    maxAge,
    codeChallenge,
    dpopJkt: readDpopJkt(form),
    resourceId,
    state: to.state === undefined ? undefined : readLimited(form, 'state'),
  };
  return {
    clientId: client.id,
    redirectUri: to.redirectUri,
    scopes,
    prompt: readPrompt(form),
    startedAt,
    ...withoutAbsent(optional),
  };
}

/** The clocks of two nodes may differ so much: one registers the client, another begins the sign-in. */
const CLOCK_SKEW_MS = 5000;

/** Whether a request that was valid when it came still is one of this client: people take their time, operators act. */
export function isStillValid(request: AuthorizationRequest, client: Client): boolean {
  return (
    client.id === request.clientId &&
    client.status === 'active' &&
    client.createdAt <= request.startedAt + CLOCK_SKEW_MS &&
    client.grantTypes.includes('authorization_code') &&
    client.redirectUris.some((uri) => matchRedirectUri(uri, request.redirectUri)) &&
    (request.codeChallenge !== undefined || !client.requirePkce)
  );
}

/** `resource` alone may be repeated (RFC 8707 §2). */
function refuseRepeated(form: Form): void {
  const repeated = form.repeated().find((name) => name !== 'resource' && name !== 'audience');
  if (repeated !== undefined) throw new OAuthError('invalid_request', 'A parameter is repeated');
}

function refuseUnsupported(form: Form): void {
  if (form.has('request')) throw new OAuthError('request_not_supported', 'Request objects are not supported');
  if (form.has('request_uri'))
    throw new OAuthError('request_uri_not_supported', 'request_uri is not supported');
  const mode = form.get('response_mode');
  if (mode !== undefined && mode !== 'query') {
    throw new OAuthError('invalid_request', 'The only response_mode is query');
  }
  const type = form.get('response_type');
  if (type === undefined) throw new OAuthError('invalid_request', 'The parameter response_type is missing');
  if (type !== 'code') throw new OAuthError('unsupported_response_type', 'The only response_type is code');
}

function refuseUnauthorized(client: Client): void {
  if (!client.grantTypes.includes('authorization_code')) {
    throw new OAuthError(
      'unauthorized_client',
      'The client is not registered for the authorization code grant',
    );
  }
}

/** S256 for everyone; a confidential client may be registered without it (docs/decisions). */
function readCodeChallenge(form: Form, client: Client): string | undefined {
  const challenge = form.get('code_challenge');
  const method = form.get('code_challenge_method');
  if (challenge === undefined) {
    if (client.requirePkce || method !== undefined) {
      throw new OAuthError('invalid_request', 'PKCE is required: the parameter code_challenge is missing');
    }
    return undefined;
  }
  if (method !== 'S256') throw new OAuthError('invalid_request', 'The only code_challenge_method is S256');
  if (!isCodeChallenge(challenge)) {
    throw new OAuthError('invalid_request', 'The code_challenge is not a base64url SHA-256');
  }
  return challenge;
}

function readPrompt(form: Form): readonly Prompt[] {
  const prompts = (form.get('prompt') ?? '').split(' ').filter((value) => value !== '');
  if (form.get('show_dialog') === 'true') prompts.push('consent');
  const known = prompts.filter((value): value is Prompt => PROMPTS.includes(value));
  if (known.length !== prompts.length)
    throw new OAuthError('invalid_request', 'A value of prompt is not known');
  if (known.includes('none') && known.length > 1) {
    throw new OAuthError('invalid_request', 'prompt=none excludes every other prompt');
  }
  return [...new Set(known)];
}

function readMaxAge(form: Form): number | undefined {
  const value = form.get('max_age');
  if (value === undefined) return undefined;
  if (!/^\d{1,9}$/.test(value)) throw new OAuthError('invalid_request', 'max_age is not a number of seconds');
  return Number(value);
}

function readLimited(form: Form, name: keyof typeof LONGEST): string | undefined {
  const value = form.get(name);
  if (value !== undefined && value.length > LONGEST[name]) {
    throw new OAuthError('invalid_request', `The parameter ${name} is too long`);
  }
  return value;
}

type Present<Values> = { [Name in keyof Values]?: Exclude<Values[Name], undefined> };

function withoutAbsent<Values extends Readonly<Record<string, unknown>>>(values: Values): Present<Values> {
  return Object.fromEntries(
    Object.entries(values).filter(([, value]) => value !== undefined),
  ) as Present<Values>;
}
