/**
 * An authorization request as the browser brings it, checked in the order that keeps a bad one from being redirected:
 * first the client and its redirect URI (else an error page), then the rest (else an error to that URI). What was pushed
 * or signed replaces everything else that stands in the URL.
 * @spec RFC 6749 §4.1.1 and §4.1.2.1, RFC 9700 §4.11, RFC 9101 §6, RFC 9126 §4
 */
import type { Client } from '../../domain/client.ts';
import type { Clients } from '../../ports/clients.ts';
import type { PushedRequests } from '../../ports/pushed-requests.ts';
import { looksLikeUrl } from '../client-documents/client-id-url.ts';
import { Form } from '../form.ts';
import { OAuthError } from '../oauth-error.ts';
import { matchRedirectUri } from '../redirect-uri.ts';
import type { AuthorizationRequest, RedirectTarget } from './authorization-request.ts';
import { answeredId, findPushedRequest, isPushedRequestUri } from './pushed-request.ts';
import { readRequest, type RequestRuleDependencies } from './read-request.ts';
import { readRequestObject, type RequestObjectDependencies, requestObjectId } from './request-object.ts';
import { readResponseMode, responseSigningAlg } from './response-mode.ts';

export type ValidatedAuthorizationRequest =
  | { readonly outcome: 'valid'; readonly request: AuthorizationRequest; readonly client: Client }
  | RefusedOnPage
  | {
      readonly outcome: 'refused_by_redirect';
      readonly client: Client;
      readonly to: RedirectTarget;
      readonly error: OAuthError;
    };

/** For the person's eyes: nothing may be redirected. */
export interface RefusedOnPage {
  readonly outcome: 'refused_on_page';
  readonly reason: PageRefusal;
  /** The redirect URI that is not registered, as it was sent. */
  readonly requestedUri?: string;
}

export type PageRefusal =
  | 'client_id_missing'
  | 'client_unknown'
  | 'client_document_refused'
  | 'redirect_uri_missing'
  | 'redirect_uri_unregistered'
  | 'parameter_repeated'
  | 'request_uri_unusable'
  | 'request_object_refused';

export interface AuthorizationRequestDependencies extends RequestRuleDependencies, RequestObjectDependencies {
  /** Knows the clients of metadata documents, too. */
  readonly clients: Pick<Clients, 'find'>;
  readonly pushedRequests: PushedRequests;
  /** Whether every request has to be pushed. */
  readonly requirePushedRequests: boolean;
}

export async function validateAuthorizationRequest(
  form: Form,
  startedAt: number,
  dependencies: AuthorizationRequestDependencies,
): Promise<ValidatedAuthorizationRequest> {
  const client = await findClient(form, dependencies.clients);
  if (typeof client === 'string') return { outcome: 'refused_on_page', reason: client };
  let source: Source;
  try {
    source = await findSource(form, client, startedAt, dependencies);
  } catch (error) {
    if (!(error instanceof OAuthError)) throw error;
    return refuseSource(form, client, error);
  }
  const redirectUri = findRedirectUri(source.parameters, client);
  if (typeof redirectUri !== 'string') {
    const { refusal: reason, requestedUri } = redirectUri;
    return { outcome: 'refused_on_page', reason, ...(requestedUri === undefined ? {} : { requestedUri }) };
  }
  let to = plainTarget(source.parameters, client, redirectUri);
  try {
    to = redirectTargetOf(source.parameters, client, redirectUri);
    refuseUnpushed(source, client, dependencies.requirePushedRequests);
    const request = await readRequest(source.parameters, client, to, startedAt, dependencies);
    return { outcome: 'valid', request: { ...request, ...source.bound }, client };
  } catch (error) {
    if (!(error instanceof OAuthError)) throw error;
    return { outcome: 'refused_by_redirect', client, to, error };
  }
}

/** Where the parameters that count come from. */
interface Source {
  readonly parameters: Form;
  readonly isPushed: boolean;
  readonly isSigned: boolean;
  /** What the way it came adds to the request. */
  readonly bound: Pick<AuthorizationRequest, 'id' | 'dpopJkt'>;
}

async function findSource(
  form: Form,
  client: Client,
  at: number,
  dependencies: AuthorizationRequestDependencies,
): Promise<Source> {
  const requestUri = form.get('request_uri');
  if (requestUri !== undefined && isPushedRequestUri(requestUri)) {
    if (form.has('request'))
      throw new OAuthError('invalid_request', 'request and request_uri exclude each other');
    const pushed = await findPushedRequest(requestUri, client.id, at, dependencies.pushedRequests);
    if (pushed === undefined) {
      throw new OAuthError(
        'invalid_request_uri',
        'The request_uri is not known, has expired, or was used before',
      );
    }
    const { hash, dpopJkt } = pushed;
    const bound = { id: answeredId(hash), ...(dpopJkt === undefined ? {} : { dpopJkt }) };
    return { parameters: new Form(pushed.parameters), isPushed: true, isSigned: true, bound };
  }
  const object = form.get('request');
  if (object === undefined) return { parameters: form, isPushed: false, isSigned: false, bound: {} };
  if (form.has('request_uri')) {
    throw new OAuthError('invalid_request', 'request and request_uri exclude each other');
  }
  const { parameters, jti } = await readRequestObject(object, client, at, dependencies);
  const bound = jti === undefined ? {} : { id: requestObjectId(client.id, jti) };
  return { parameters, isPushed: false, isSigned: true, bound };
}

/** A pushed request met the rule for signed ones when it was pushed. */
function refuseUnpushed({ isPushed, isSigned }: Source, client: Client, required: boolean): void {
  const { metadata } = client;
  const mustPush = metadata.require_pushed_authorization_requests === true;
  if (!isPushed && (required || mustPush)) {
    throw new OAuthError('invalid_request', 'The authorization request has to be pushed first (RFC 9126)');
  }
  if (!isSigned && metadata.require_signed_request_object === true) {
    throw new OAuthError('invalid_request', 'The authorization request has to be signed (RFC 9101)');
  }
}

/**
 * A reference or an object that is no good says nothing that could be trusted; the URL may still name a registered
 * redirect URI. Of a pushed request it never has to, so its refusal is always for the person's eyes.
 */
function refuseSource(form: Form, client: Client, error: OAuthError): ValidatedAuthorizationRequest {
  if (error.code === 'invalid_request_uri')
    return { outcome: 'refused_on_page', reason: 'request_uri_unusable' };
  const redirectUri = findRedirectUri(form, client);
  return typeof redirectUri === 'string'
    ? { outcome: 'refused_by_redirect', client, to: plainTarget(form, client, redirectUri), error }
    : { outcome: 'refused_on_page', reason: 'request_object_refused' };
}

async function findClient(form: Form, clients: Pick<Clients, 'find'>): Promise<Client | PageRefusal> {
  const repeated = form.repeated();
  if (repeated.includes('client_id') || repeated.includes('redirect_uri')) return 'parameter_repeated';
  const clientId = readShort(form, 'client_id', 512);
  if (clientId === undefined) return 'client_id_missing';
  const client = await clients.find(clientId);
  if (client?.status === 'active') return client;
  return looksLikeUrl(clientId) ? 'client_document_refused' : 'client_unknown';
}

interface RefusedRedirectUri {
  readonly refusal: PageRefusal;
  readonly requestedUri?: string;
}

/** The registered redirect URI that the request names; also of a pushed request. */
export function findRedirectUri(form: Form, client: Client): string | RefusedRedirectUri {
  if (form.repeated().includes('redirect_uri')) return { refusal: 'parameter_repeated' };
  if (!form.has('redirect_uri')) return { refusal: 'redirect_uri_missing' };
  const redirectUri = readShort(form, 'redirect_uri', 2048);
  const registered = client.redirectUris.some(
    (uri) => redirectUri !== undefined && matchRedirectUri(uri, redirectUri),
  );
  if (redirectUri !== undefined && registered) return redirectUri;
  const refusal = 'redirect_uri_unregistered';
  return redirectUri === undefined ? { refusal } : { refusal, requestedUri: redirectUri };
}

/** @throws OAuthError when the response mode is not one */
export function redirectTargetOf(form: Form, client: Client, redirectUri: string): RedirectTarget {
  const responseMode = readResponseMode(form, redirectUri, client);
  return {
    ...plainTarget(form, client, redirectUri),
    ...(responseMode === undefined ? {} : { responseMode }),
    ...(responseMode?.endsWith('.jwt') === true ? { responseSigningAlg: responseSigningAlg(client) } : {}),
  };
}

function plainTarget(form: Form, client: Client, redirectUri: string): RedirectTarget {
  const state = form.repeated().includes('state')
    ? undefined
    : readShort(form, 'state', Number.POSITIVE_INFINITY);
  return { clientId: client.id, redirectUri, ...(state === undefined ? {} : { state }) };
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
