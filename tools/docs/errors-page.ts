/** docs/reference/errors.md: the closed tables of the OAuth endpoints and of the verifier. */
import { OAUTH_FIXES } from '../../packages/cli/src/fixes/oauth-fixes.ts';
import { TOKEN_FIXES } from '../../packages/cli/src/fixes/token-fixes.ts';
import { OAUTH_ERROR_STATUS, type OAuthErrorCode } from '../../packages/server/src/protocol/oauth-error.ts';
import { type TokenErrorCode, tokenErrors } from '../../packages/verifier/src/token-error.ts';
import { type GatewayErrorCode, gatewayErrors } from '../../packages/gateway/src/refusal.ts';
import { code, table } from './markdown.ts';

/** Every error has its line: the compiler sees to it. */
const OAUTH_ERRORS: Readonly<Record<OAuthErrorCode, string>> = OAUTH_FIXES;

const TOKEN_ERRORS: Readonly<Record<TokenErrorCode, string>> = TOKEN_FIXES;

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
  malformed_request: 'Send HTTP/1.1 as RFC 9112 says.',
  request_timeout: 'Send the whole request faster: its headers within ten seconds.',
  content_too_large: 'Send less, or let the operator raise `max_body_bytes` of the route.',
  headers_too_large: 'Send less than 16 KiB of headers, cookies included.',
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
