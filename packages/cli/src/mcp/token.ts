/**
 * The way of a person: signs in, comes back with a code, which becomes a token.
 * @spec OAuth 2.1 §3.2.3, §4.1.2, §4.1.3; RFC 8707 §2.2; RFC 9207 §2.4; RFC 9068 §2.2
 */
import { decodeJwt } from '@tessera/tokens';
import type { LoopbackAnswer } from '../loopback-answer.ts';
import { type Answer, ask, mediaType, membersOf, said, type Silence } from './ask.ts';
import type { AuthorizationAttempt } from './authorization.ts';
import type { AuthorizationServer } from './authorization-server.ts';
import { type Check, type Found, rule } from './check.ts';
import type { McpClient } from './registration.ts';

const answered = rule('token', 'the person comes back with a code', 'OAuth 2.1 §4.1.2');
const iss = rule(
  'token',
  'the answer names its issuer',
  'RFC 9207 §2.4; MCP Authorization 2026-07-28: clients compare iss',
);
const issued = rule(
  'token',
  'the code becomes a token',
  'OAuth 2.1 §4.1.3; RFC 8707 §2.2: resource here too',
);
const stored = rule('token', 'nobody keeps the answer', 'OAuth 2.1 §3.2.3: Cache-Control: no-store');
const lifetime = rule(
  'token',
  'it ends',
  'MCP Authorization, Token Theft: access tokens are short-lived (SHOULD)',
);
const audience = rule(
  'token',
  'it is for this server alone',
  'MCP Authorization, Token Audience Binding and Validation; RFC 8707 §2',
);

const A_DAY = 86_400;

/** @param answer what came back to the loopback address */
export async function examineToken(
  answer: LoopbackAnswer,
  attempt: AuthorizationAttempt,
  server: AuthorizationServer,
  client: McpClient,
): Promise<Found<string>> {
  const { code } = answer;
  const issuerCheck = examineIssuer(answer, server);
  if (code === undefined) {
    const fix = 'Agree on the page, or look at the log of the authorization server.';
    return { checks: [answered.fail(answer.error ?? 'the answer has no code', fix), issuerCheck] };
  }
  const checks = [answered.pass('there is one'), issuerCheck];
  // A code of another server must not be sent anywhere.
  if (issuerCheck.outcome === 'fail') return { checks };
  const response = await requestToken(code, attempt, server, client);
  const token = membersOf(response.status === undefined ? undefined : response.json)['access_token'];
  if (response.status !== 200 || typeof token !== 'string') {
    return { checks: [...checks, refused(response, [code, attempt.codeVerifier])] };
  }
  return { checks: [...checks, ...examineResponse(response, token, attempt.resource)], result: token };
}

function examineIssuer({ iss: got }: LoopbackAnswer, { issuer, promisesIss }: AuthorizationServer): Check {
  if (got === issuer) return iss.pass(issuer);
  return iss.missed(
    promisesIss || got !== undefined,
    got === undefined ? 'iss is missing' : `iss is ${said(got)}, not ${issuer}`,
    'Send iss with the answer, letter for letter the issuer of the metadata.',
  );
}

function requestToken(
  code: string,
  { redirectUri, codeVerifier, resource }: AuthorizationAttempt,
  { tokenEndpoint, authMethods }: AuthorizationServer,
  { id, secret }: McpClient,
): Promise<Answer | Silence> {
  const form = new URLSearchParams({
    grant_type: 'authorization_code',
    code,
    redirect_uri: redirectUri,
    code_verifier: codeVerifier,
    resource,
  });
  const inHeader = secret !== undefined && authMethods.includes('client_secret_basic');
  if (!inHeader) form.set('client_id', id);
  if (!inHeader && secret !== undefined) form.set('client_secret', secret);
  const basic = Buffer.from(`${encodeURIComponent(id)}:${encodeURIComponent(secret ?? '')}`).toString(
    'base64',
  );
  const headers = inHeader ? { authorization: `Basic ${basic}` } : {};
  return ask(tokenEndpoint, { method: 'POST', headers, body: form });
}

/** What the server says may repeat what it was sent; that is not shown. */
function refused(response: Answer | Silence, secrets: readonly string[]): Check {
  const { error, error_description: description } = membersOf(
    response.status === undefined ? undefined : response.json,
  );
  const detail =
    response.status === undefined
      ? response.problem
      : `it answers ${response.status} ${said(error ?? '', secrets)} ${said(description ?? '', secrets)}`.trim();
  return issued.fail(detail, 'Look at the log of the authorization server.');
}

function examineResponse(response: Answer, token: string, resource: string): readonly Check[] {
  const { token_type: type, expires_in: expiresIn } = membersOf(response.json);
  const isBearer = typeof type === 'string' && type.toLowerCase() === 'bearer';
  const isJson = mediaType(response.headers) === 'application/json';
  return [
    isBearer && isJson
      ? issued.pass('Bearer')
      : issued.fail(
          `token_type ${said(type)}, ${said(mediaType(response.headers))}`,
          'Answer JSON with token_type "Bearer".',
        ),
    response.headers.get('cache-control')?.includes('no-store') === true
      ? stored.pass('no-store')
      : stored.fail('Cache-Control: no-store is missing', 'Send it with every answer that holds a token.'),
    typeof expiresIn === 'number' && expiresIn > 0 && expiresIn <= A_DAY
      ? lifetime.pass(`after ${expiresIn} s`)
      : lifetime.warn(
          `expires_in is ${said(expiresIn)}`,
          'Let access tokens live an hour or so, and say so in expires_in.',
        ),
    examineAudience(token, resource),
  ];
}

function examineAudience(token: string, resource: string): Check {
  const payload = decodeJwt(token)?.payload;
  if (payload === undefined)
    return audience.skip('the token is opaque; whether another server takes it cannot be seen here');
  const named = [payload['aud']].flat();
  const fix = 'Bind the token to the resource of the request: aud is that identifier and nothing else.';
  if (!named.some((aud) => typeof aud === 'string' && isSame(aud, resource))) {
    return audience.fail(`aud is ${said(payload['aud'])}, not ${resource}`, fix);
  }
  return named.length === 1
    ? audience.pass(said(named[0]))
    : audience.warn(`aud is ${said(payload['aud'])}`, fix);
}

/** An empty path is the same with and without its slash. */
function isSame(aud: string, resource: string): boolean {
  return aud === resource || (URL.canParse(aud) && new URL(aud).href === URL.parse(resource)?.href);
}
