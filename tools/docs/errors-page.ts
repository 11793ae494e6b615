/** docs/reference/errors.md: the closed tables of the OAuth endpoints and of the verifier. */
import { OAUTH_FIXES } from '../../packages/cli/src/fixes/oauth-fixes.ts';
import { TOKEN_FIXES } from '../../packages/cli/src/fixes/token-fixes.ts';
import { OAUTH_ERROR_STATUS, type OAuthErrorCode } from '../../packages/server/src/protocol/oauth-error.ts';
import { type TokenErrorCode, tokenErrors } from '../../packages/verifier/src/token-error.ts';
import { code, table } from './markdown.ts';

/** Every error has its line: the compiler sees to it. */
const OAUTH_ERRORS: Readonly<Record<OAuthErrorCode, string>> = OAUTH_FIXES;

const TOKEN_ERRORS: Readonly<Record<TokenErrorCode, string>> = TOKEN_FIXES;

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
  return `# Errors

## At the OAuth endpoints

The answer is \`{"error": …, "error_description": …}\` (RFC 6749 §5.2), or, from \`/authorize\`, the same two as parameters of the redirect URI.
What is wrong with the redirect URI or the app itself is shown on a page and never redirected.

${table(['`error`', 'Status', 'What to do'], oauth)}

## At an API

\`@tessera/verifier\` refuses a request with a \`TokenError\`. Its \`code\` is one of these and no other. The \`WWW-Authenticate\` header
carries what RFC 6750 has a word for.

${refusals.join('\n\n')}
`;
}
