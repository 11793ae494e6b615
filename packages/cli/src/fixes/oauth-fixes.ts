/** What the sender of a request can do about each error of the OAuth endpoints; the reference of errors says the same. */
export const OAUTH_FIXES = {
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
  access_denied:
    'The person said no, or an access policy does. `tessera why` with the request id tells which; `tessera policy dry-run` tells what it expects.',
  login_required: '`prompt=none`, and nobody is signed in. Ask again without it.',
  consent_required:
    '`prompt=none`, and the person has not consented: ask again without it. At the token endpoint: an access policy wants the person to agree anew; send them to `/authorize`.',
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
  insufficient_user_authentication:
    'An access policy asks for a better or newer sign-in than the tokens were got by. Send the person to `/authorize` with the `acr_values` and `max_age` of the answer.',
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
  temporarily_unavailable: 'The database does not answer. Try again.',
} as const satisfies Readonly<Record<string, string>>;
