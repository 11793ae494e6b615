/** Why an API refuses a token, and what to do: by the codes of the verifier; the reference of errors says the same. */
export const TOKEN_FIXES = {
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
  pending_approval:
    'An administrator of the organization has to approve it first. Its owner is told by mail when that has happened.',
  token_rules:
    'The organization has changed what it allows: its longest life, who may make tokens, or their scopes. Make another token within the rules.',
  access_policy:
    'A personal access token or client token that an access policy refuses where it is used: `tessera policy dry-run` tells which, and what it expects.',
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
} as const satisfies Readonly<Record<string, string>>;
