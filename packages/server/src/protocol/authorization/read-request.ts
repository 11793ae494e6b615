/**
 * The rules of an authorization request's parameters, once client and redirect URI are known to be good. The same for a
 * request that comes with the browser and for one that its client pushed.
 * @spec RFC 6749 §4.1.1, RFC 7636 §4.3, RFC 8707 §2.1, RFC 9396 §2, OpenID Connect Core §3.1.2.1
 */
import type { Client } from '../../domain/client.ts';
import { isOpenidScope } from '../../domain/scope.ts';
import type { Resources } from '../../ports/resources.ts';
import { readAuthorizationDetails } from '../authorization-details.ts';
import { readDpopJkt } from '../dpop-binding.ts';
import type { Form } from '../form.ts';
import { OAuthError } from '../oauth-error.ts';
import type { KeyRing } from '../key-ring.ts';
import { isCodeChallenge } from '../pkce.ts';
import { grantableScopes, parseScope } from '../requested-scopes.ts';
import { findTargets, resourceOf, type Target, targetResourceId } from '../resource-indicators.ts';
import type { AuthorizationRequest, Prompt, RedirectTarget } from './authorization-request.ts';
import { readClaimsParameter, scopesOfClaims } from './claims-parameter.ts';
import { hintedSubject } from './id-token-hint.ts';

/** What a request may hold; anything else is ignored, and is not kept of a pushed one. */
export const REQUEST_PARAMETERS: readonly string[] = [
  'response_type',
  'client_id',
  'redirect_uri',
  'scope',
  'state',
  'response_mode',
  'code_challenge',
  'code_challenge_method',
  'resource',
  'audience',
  'authorization_details',
  'dpop_jkt',
  'nonce',
  'prompt',
  'show_dialog',
  'max_age',
  'acr_values',
  'claims',
  'login_hint',
  'id_token_hint',
];

const PROMPTS: readonly string[] = ['none', 'login', 'consent', 'select_account'];
const LONGEST = { state: 4096, nonce: 1024, login_hint: 320, id_token_hint: 8192, acr_values: 1024 } as const;

/**
 * All that travels through the pages, as JSON. Sealed, with the little that is added to it, in base64url and in a
 * request line, it stays below 8192 bytes, which proxies take by default; with what browsers add, below Node's 16 kB.
 */
const LONGEST_REQUEST_BYTES = 5900;

export interface RequestRuleDependencies {
  readonly issuer: string;
  readonly resources: Resources;
  readonly keyRing: KeyRing;
}

/** @throws OAuthError */
export async function readRequest(
  form: Form,
  client: Client,
  to: RedirectTarget,
  startedAt: number,
  { issuer, resources, keyRing }: RequestRuleDependencies,
): Promise<AuthorizationRequest> {
  refuseRepeated(form);
  refuseUnsupported(form);
  refuseUnauthorized(client);
  const codeChallenge = readCodeChallenge(form, client);
  const requested = parseScope(form.get('scope'));
  const [target, ...others] = await findTargets(form, issuer, resources);
  const resource = await resourceOf(target, resources);
  const otherApis = others.flatMap((other) => (other.kind === 'resource' ? [other.resource] : []));
  const several = others.length === 0 ? {} : { otherResources: otherApis };
  const scopes = grantableScopes({ requested, client, resource, person: true, ...several });
  const apis = resource === undefined ? otherApis : [resource, ...otherApis];
  const claims = readClaimsParameter(form, client);
  const optional = {
    nonce: readLimited(form, 'nonce'),
    loginHint: readLimited(form, 'login_hint'),
    hintedSubject: hintedSubject(readLimited(form, 'id_token_hint'), issuer, keyRing),
    maxAge: readMaxAge(form) ?? client.metadata.default_max_age,
    acrValues: readAcrValues(form, client),
    claims,
    claimScopes: claims === undefined ? undefined : scopesOfClaims(claims),
    authorizationDetails: readAuthorizationDetails(form, client, apis),
    codeChallenge,
    dpopJkt: readDpopJkt(form),
    resourceId: targetResourceId(target),
    resourceIds: others.length === 0 ? undefined : [target, ...others].flatMap(idOf),
    resourceScopes: others.length === 0 ? undefined : [target, ...others].map((one) => scopesAt(one, scopes)),
    responseMode: to.responseMode,
    responseSigningAlg: to.responseSigningAlg,
    state: to.state === undefined ? undefined : readLimited(form, 'state'),
  };
  const request = {
    clientId: client.id,
    redirectUri: to.redirectUri,
    scopes,
    prompt: readPrompt(form),
    startedAt,
    ...withoutAbsent(optional),
  };
  refuseTooLong(request);
  return request;
}

/** What a URL of the pages could not carry, a person would meet as a bare error of the network. */
function refuseTooLong(request: AuthorizationRequest): void {
  if (Buffer.byteLength(JSON.stringify(request)) <= LONGEST_REQUEST_BYTES) return;
  throw new OAuthError(
    'invalid_request',
    'The request is too long; shorten state, nonce, claims or authorization_details',
  );
}

function idOf(target: Target): readonly string[] {
  const id = targetResourceId(target);
  return id === undefined ? [] : [id];
}

function scopesAt(target: Target, scopes: readonly string[]): readonly string[] {
  const own = target.kind === 'resource' ? target.resource.scopes : [];
  return scopes.filter((name) => isOpenidScope(name) || own.some((scope) => scope.name === name));
}

/** `resource` alone may be repeated (RFC 8707 §2). */
function refuseRepeated(form: Form): void {
  const repeated = form.repeated().find((name) => name !== 'resource' && name !== 'audience');
  if (repeated !== undefined) throw new OAuthError('invalid_request', 'A parameter is repeated');
}

function refuseUnsupported(form: Form): void {
  if (form.has('request_uri'))
    throw new OAuthError('request_uri_not_supported', 'request_uri takes pushed requests only');
  // Of self-issued providers alone (OpenID Connect Core §7.2.1); ignored, it would promise what is not done.
  if (form.has('registration'))
    throw new OAuthError('registration_not_supported', 'The parameter registration is not supported');
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

function readAcrValues(form: Form, client: Client): readonly string[] | undefined {
  const values = readLimited(form, 'acr_values');
  return values?.split(' ').filter((value) => value !== '') ?? client.metadata.default_acr_values;
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
