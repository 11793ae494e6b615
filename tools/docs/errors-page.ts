/** docs/reference/errors.md: the closed tables of the OAuth endpoints and of the verifier. */
import { OAUTH_ERROR_STATUS, type OAuthErrorCode } from '../../packages/server/src/protocol/oauth-error.ts';
import { type TokenErrorCode, tokenErrors } from '../../packages/verifier/src/token-error.ts';
import { type GatewayErrorCode, gatewayErrors } from '../../packages/gateway/src/refusal.ts';
import { code, table } from './markdown.ts';

/** What the sender of the request can do. */
const OAUTH_ERRORS: Readonly<Record<OAuthErrorCode, string>> = {
  invalid_request:
    'A parameter is missing, repeated, in the wrong place or not readable. The description names it.',
  invalid_client:
    'The app is unknown, or its credentials are wrong. Check id, secret, and which server you talk to.',
  invalid_grant:
    'The code or refresh token is not good: used, expired, ended, or given to another app. Send the person to `/authorize`.',
  unauthorized_client: 'The app is not registered for this grant type. Add it to `grant_types`.',
  unsupported_grant_type:
    'The server does not know this grant type; the discovery document lists those it does.',
  unsupported_response_type: 'The only `response_type` is `code`.',
  unsupported_token_type: 'The server cannot revoke tokens of this type.',
  invalid_scope: 'A scope is not one of this API, or not allowed to this app.',
  invalid_target:
    'No API has this identifier, or a token was asked for several APIs at once. Compare it with the registered one, and name one API a token.',
  invalid_token:
    'The token is not good here: at `/userinfo` an access token, at `/api/register` an initial or registration access token.',
  insufficient_scope: 'The access token lacks a scope that this needs.',
  invalid_dpop_proof:
    'The proof in the `DPoP` header is not good for this request: made for another URL or method, too old, signed with another key, or used before. Make a new one for each request.',
  use_dpop_nonce:
    'Make the proof again with the claim `nonce`: the value of the `DPoP-Nonce` header of this answer.',
  access_denied: 'The person said no.',
  login_required: '`prompt=none`, and nobody is signed in. Ask again without it.',
  consent_required: '`prompt=none`, and the person has not consented. Ask again without it.',
  interaction_required: '`prompt=none`, and the person has to do something. Ask again without it.',
  request_uri_not_supported:
    'The server never fetches a request. Push it to `/api/par`, or send the signed request itself as `request`.',
  invalid_request_uri: 'The pushed request is not known, has expired, or was answered. Push it again.',
  invalid_request_object:
    'The signed request does not hold: its signature, `iss`, `aud`, `client_id`, `exp` or `nbf`, or it was used before. The description says which.',
  invalid_authorization_details:
    'An entry of `authorization_details` is of a type or form that the API does not take, or was not granted.',
  unmet_authentication_requirements:
    'The `acr` that the request requires cannot be met by any sign-in here. The discovery document lists those that can.',
  registration_not_supported: 'The parameter `registration` is not supported.',
  invalid_client_metadata:
    'A member of a registration may not be what it is. The description names it and says why.',
  invalid_redirect_uri: 'A redirect URI may not be registered. The description names it and says why.',
  invalid_software_statement: 'The `software_statement` is no signed JWT.',
  unapproved_software_statement: 'The server takes software statements from nobody. Register without one.',
  authorization_pending:
    'The person has not decided about the device yet. Ask again after `interval` seconds.',
  expired_token: 'The device code has expired before the person decided. Start again with a new one.',
  slow_down:
    'With a device code (400): wait five seconds longer between two requests from now on. With `Retry-After` (429): too many failed client authentications, new devices or registrations from one address, or of one app; wait as long as it says.',
  temporarily_unavailable: 'The database does not answer. Nothing was changed; try again.',
};

/** Why an API refuses a token, and what to do. */
const TOKEN_ERRORS: Readonly<Record<TokenErrorCode, string>> = {
  missing_token: 'The request has no `Authorization: Bearer` header. Get a token and send it there.',
  token_in_url:
    'URLs are logged and seen over shoulders. Revoke this token, get another, send it in the header.',
  several_tokens: 'There is more than one `Authorization` header, or more than one token in it. Send one.',
  malformed_request: 'Write `Authorization: Bearer` (or `DPoP`), one space, and the token; nothing else.',
  malformed_token:
    'The string is cut off or mistyped, is not an access token, or is opaque at an API without credentials to ask about it (`clientId` and `clientSecret`).',
  unknown_token:
    'The server says that the token is not good and not why: never issued, long expired, or not for this API.',
  expired: 'Its time is over. Get another one: with the refresh token, or with the app’s own credentials.',
  revoked: 'Somebody ended it, or the consent it hangs from. A new token needs a new sign-in.',
  not_yet_valid: 'It begins in the future. Compare the clocks of server and API.',
  wrong_issuer:
    'It comes from another server than the one the API trusts. Compare `iss` with the API’s `issuer`.',
  wrong_audience: 'It is for another API. Ask for one with `resource=` and this API’s identifier.',
  bad_signature: 'It was changed, or not signed with the key it names.',
  unknown_key: 'Its key is not among those that the issuer publishes: retired, or of another server.',
  invalid_claims: 'A claim is missing, of the wrong type, or asks for a check that this API does not make.',
  not_acceptable:
    'A claim of a Common Access Token speaks against it: another network, URI, method or place, or a token that was used before. The description names the claim.',
  bound: 'Only who holds the key may use it: `Authorization: DPoP`, and a proof in the header `DPoP`.',
  not_bound: 'Send it as `Bearer`, or ask for a bound one with a proof at the token endpoint.',
  missing_certificate:
    'Open the connection with the certificate of the client. Behind a proxy, name it in `mutualTls.clientCertHeaderFrom` of the API.',
  wrong_certificate:
    'Use the certificate that the token was asked for with, or ask for another token; it must be in force, too.',
  missing_proof: 'Send a proof in the header `DPoP`, made for this request.',
  bad_proof:
    'The description says what does not fit. Behind a proxy, compare `htu` with the `dpop.publicUrl` of the API.',
  wrong_key: 'Sign with the key that the token was asked for with.',
  used_proof: 'Make a proof for each request, with a `jti` of its own and the time of now.',
  use_dpop_nonce: 'Make the proof again with the claim `nonce`: the value of the `DPoP-Nonce` header.',
  insufficient_scope:
    'It is good, and not for this. The challenge lists the scopes that are needed; ask for a token with them.',
  insufficient_user_authentication:
    'It is good, and the sign-in behind it is too old or too weak for this. Send the person to `/authorize` with the `acr_values` and `max_age` of the challenge.',
  unavailable: 'The API cannot reach the server to check the token. It is not let through; try again.',
};

/** Why the gateway does not pass a request on, beside its token, and what to do. */
const GATEWAY_ERRORS: Readonly<Record<GatewayErrorCode, string>> = {
  ambiguous_path:
    'Dot segments, empty segments, `;`, escaped separators, or the case of a route: send the plain path.',
  ambiguous_framing: 'Two hosts, an encoding besides `chunked`, or the like. The connection is closed.',
  malformed_check:
    'The proxy lacks a header of its way to ask, or sends one twice. Compare its configuration.',
  no_route: 'No route of `gateway.yaml` has this host and path, or it has no upstream.',
  method_not_allowed: 'The `Allow` header lists those that are taken.',
  binding_required:
    'The route wants tokens bound to a key or a certificate (`binding`). Ask for one with a proof.',
  unknown_proxy: 'Name the address of the proxy under `forward_auth.proxies`.',
  quota_exceeded: 'Wait as long as `Retry-After` says. The allowance is one of the route’s `quotas`.',
  upstream_unreachable:
    'The upstream does not take connections, or broke one off. See the log for the cause.',
  upstream_timeout: 'The upstream did not begin its answer in `response_timeout_seconds`.',
};

export function errorsPage(): string {
  const oauth = Object.entries(OAUTH_ERROR_STATUS).map(([name, status]) => [
    code(name),
    String(status),
    OAUTH_ERRORS[name as OAuthErrorCode],
  ]);
  const refusals = Object.entries(tokenErrors).map(([name, { status, error, description }]) => {
    const sent = error === undefined ? 'no error code in the challenge' : `\`error="${error}"\``;
    return `### ${name}\n\n${status}, ${sent}: *${description}.*\n\n${TOKEN_ERRORS[name as TokenErrorCode]}`;
  });
  const gateway = Object.entries(gatewayErrors).map(([name, { status, description }]) => [
    code(name),
    String(status),
    `${description}. ${GATEWAY_ERRORS[name as GatewayErrorCode]}`,
  ]);
  return `# Errors

## At the OAuth endpoints

The answer is \`{"error": …, "error_description": …}\` (RFC 6749 §5.2), or, from \`/authorize\`, the same two as parameters of the redirect URI.
What is wrong with the redirect URI or the app itself is shown on a page and never redirected.

${table(['`error`', 'Status', 'What to do'], oauth)}

## At an API

\`@tessera/verifier\` refuses a request with a \`TokenError\`. Its \`code\` is one of these and no other. The \`WWW-Authenticate\` header
carries what RFC 6750 has a word for.

${refusals.join('\n\n')}

## At the gateway

The gateway answers with the codes above, in the member \`code\` of its body, and with these.

${table(['`code`', 'Status', 'What it means'], gateway)}
`;
}
