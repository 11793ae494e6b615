/** What to do about each problem of the admin and account APIs; the reference of problems says the same. */
export const PROBLEM_FIXES = {
  invalid_request: '`errors` names each member or parameter that is wrong, by a JSON pointer, and why.',
  invalid_client_metadata:
    '`errors` names each member of the client metadata that is wrong, and why (RFC 7591 §3.2.2).',
  invalid_redirect_uri: '`errors` names the redirect URI and the rule it breaks.',
  invalid_cursor: 'Send `next_cursor` of the page before, unchanged, or none for the first page.',
  missing_token: 'Send `Authorization: Bearer` and an access token for `urn:tessera:api`.',
  invalid_token: 'The token is expired, revoked, damaged or for another API. Get another one.',
  not_signed_in: 'Sign in at `/login`, then try again.',
  recent_sign_in_required:
    'Sign in again and repeat the request within 15 minutes. The console leads there and back by itself.',
  cross_site:
    'The cookie of the session counts only for pages of this server. A program sends `Authorization: Bearer` and an access token.',
  insufficient_scope:
    'The token lacks the scope `admin` or `account`, or it belongs to an app instead of a person.',
  wrong_password:
    'Send the password as it is now in `current_password`. After ten wrong ones, wait a quarter of an hour.',
  forbidden:
    'Your role in the organization that owns it does not allow this, or it is for operators. Ask an owner of the organization.',
  not_found: 'Nothing that you may see has this id. It may have been deleted, or belong to others.',
  method_not_allowed: 'The path takes other methods; `Allow` lists them.',
  already_exists: '`errors` names the member that must be unique. Choose another value.',
  last_admin: 'Somebody must be able to look after the server. Make another administrator first.',
  last_owner: 'Somebody must be able to decide about the organization. Make another member an owner first.',
  built_in: 'It is part of Tessera and stays as it is.',
  personal_organization:
    'It has one person, goes with them, and keeps its name. Make an organization for more than one.',
  already_read:
    'Whoever read it has it. It is not shown again; if nobody has it, register the API anew, or sign its tokens with ES256.',
  factor_refused:
    'A passkey: begin again, and answer what the new enrolment asks for. A code: type the one that is shown now, and check the clock of the phone.',
  enrolment_expired:
    'Begin again with a POST to `enrolments`, and finish within 15 minutes, as the same person.',
  too_many_factors: 'Remove a passkey (at most 20) or an authenticator app (at most 3) first.',
  factor_required:
    'The setting `second_factor` is `required`. Add another factor, then remove this one; an administrator can reset all of them.',
  token_rules:
    'The organization of the token, or that of its API, does not allow it. The answer names the rules; an administrator can change them or exempt you.',
  too_many: 'Revoke, or take back, those that nobody needs any more; `detail` says what helps.',
  already_ended: 'What is revoked or expired stays so. Make a new one.',
  already_decided: 'Somebody was faster. Read it again to see what they decided.',
  key_in_use: 'No other key of its algorithm could sign. Rotate first, with `immediately`.',
  no_mail: 'What you asked for needs a mail. The operator sets `smtp_url` and `mail_from`.',
  body_too_large: 'A body may have 64 KiB.',
  unsupported_media_type: 'Send JSON, with `Content-Type: application/json`.',
  too_many_requests: 'Wait as many seconds as `Retry-After` says.',
  internal_error: 'The cause is in the log of the server.',
  unavailable: 'The database does not answer. Try again; look first whether a change was made all the same.',
} as const satisfies Readonly<Record<string, string>>;
