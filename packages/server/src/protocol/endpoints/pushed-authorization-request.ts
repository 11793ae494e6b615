/**
 * The pushed authorization request endpoint: a client sends its request by itself, authenticated, and gives the browser
 * only a reference. What /authorize would refuse is refused here, in JSON.
 * @spec RFC 9126 §2, RFC 9449 §10.1, RFC 9101 §4
 */
import { createTokenString, hashTokenString } from '@tessera/tokens';
import type { Client } from '../../domain/client.ts';
import { PUSHED_REQUEST_LIFETIME_MS } from '../../domain/pushed-request.ts';
import { ANSWERED_REQUEST } from '../../ports/grants.ts';
import type { PushedRequests } from '../../ports/pushed-requests.ts';
import type { UsedIdentifiers } from '../../ports/used-identifiers.ts';
import { requestUriOf } from '../authorization/pushed-request.ts';
import {
  readRequest,
  REQUEST_PARAMETERS,
  type RequestRuleDependencies,
} from '../authorization/read-request.ts';
import {
  readRequestObject,
  type RequestObjectDependencies,
  requestObjectId,
} from '../authorization/request-object.ts';
import { findRedirectUri, redirectTargetOf } from '../authorization/validate-request.ts';
import { authenticateClient, type ClientAuthenticationDependencies } from '../client-authentication/index.ts';
import { type DpopBinding, pushedDpopJkt } from '../dpop-binding.ts';
import type { Form } from '../form.ts';
import { OAuthError } from '../oauth-error.ts';
import { keptOfRedirectUri } from '../refused-redirect-uri.ts';
import type { RequestContext } from '../request-context.ts';

export interface PushDependencies
  extends ClientAuthenticationDependencies,
    RequestRuleDependencies,
    RequestObjectDependencies {
  readonly dpop: DpopBinding;
  readonly pushedRequests: PushedRequests;
  readonly usedIdentifiers: UsedIdentifiers;
}

export interface PushResponse {
  readonly request_uri: string;
  readonly expires_in: number;
}

/** @throws OAuthError */
export async function pushAuthorizationRequest(
  authorization: string | undefined,
  form: Form,
  context: RequestContext,
  dependencies: PushDependencies,
): Promise<PushResponse> {
  const client = await authenticateClient(authorization, form, context, dependencies);
  if (form.has('request_uri')) {
    throw new OAuthError('invalid_request', 'A pushed request must not hold a request_uri');
  }
  const parameters = await readParameters(form, client, context.at, dependencies);
  const redirectUri = findRedirectUri(parameters, client);
  if (typeof redirectUri !== 'string') {
    const { refusal, requestedUri } = redirectUri;
    const description = 'The redirect_uri is missing or not registered for this client';
    throw new OAuthError('invalid_request', description, {
      detail: refusal,
      ...(requestedUri !== undefined && { refusedRedirectUri: keptOfRedirectUri(requestedUri) }),
    });
  }
  const to = redirectTargetOf(parameters, client, redirectUri);
  await readRequest(parameters, client, to, context.at, dependencies);
  const dpopJkt = await pushedDpopJkt(parameters, context, client, dependencies);
  const token = createTokenString('ru', dependencies.random);
  await dependencies.pushedRequests.push({
    hash: hashTokenString(token),
    clientId: client.id,
    parameters: kept(parameters),
    expiresAt: context.at + PUSHED_REQUEST_LIFETIME_MS,
    ...(dpopJkt === undefined ? {} : { dpopJkt }),
  });
  return { request_uri: requestUriOf(token), expires_in: PUSHED_REQUEST_LIFETIME_MS / 1000 };
}

/** Of a signed request only what was signed (RFC 9126 §3); an identifier in it is used up by pushing it. */
async function readParameters(
  form: Form,
  client: Client,
  at: number,
  dependencies: PushDependencies,
): Promise<Form> {
  const object = form.get('request');
  if (object === undefined) {
    if (client.metadata.require_signed_request_object === true) {
      throw new OAuthError('invalid_request', 'The authorization request has to be signed (RFC 9101)');
    }
    return form;
  }
  const { parameters, jti, expiresAt } = await readRequestObject(object, client, at, dependencies);
  if (jti !== undefined) {
    const id = requestObjectId(client.id, jti);
    if (!(await dependencies.usedIdentifiers.remember(ANSWERED_REQUEST, id, expiresAt, at))) {
      throw new OAuthError('invalid_request_object', 'The request object was used before');
    }
  }
  return parameters;
}

/** Credentials of the client are not parameters of the request, and are nowhere kept. */
function kept(form: Form): Readonly<Record<string, string | readonly string[]>> {
  return Object.fromEntries(
    REQUEST_PARAMETERS.flatMap((name): [string, string | readonly string[]][] => {
      const values = form.all(name);
      const [only] = values;
      if (only === undefined) return [];
      return [[name, values.length === 1 ? only : values]];
    }),
  );
}
