/** docs/reference/endpoints.md: what the discovery document and the descriptions of the APIs name. */
import { ISSUER, readFromServer } from './described-server.ts';
import { code, table } from './markdown.ts';

/** Members of the discovery document that are addresses, with what is to be found there. */
const ENDPOINTS: Readonly<Record<string, readonly [methods: string, text: string]>> = {
  authorization_endpoint: [
    'GET, POST',
    'where an app sends a person’s browser; answers to the redirect URI (RFC 6749 §3.1)',
  ],
  token_endpoint: [
    'POST',
    'tokens for a code, a refresh token, a device code, another token, a JWT or the app’s own credentials (RFC 6749 §3.2); also `/oauth/token`, `/oauth2/token`',
  ],
  pushed_authorization_request_endpoint: [
    'POST',
    'takes an authorization request ahead of the browser, and gives a reference to it (RFC 9126)',
  ],
  introspection_endpoint: ['POST', 'what a token is good for, told to its API and to its app (RFC 7662)'],
  device_authorization_endpoint: [
    'POST',
    'a code for a person to enter elsewhere, for a device without a browser (RFC 8628)',
  ],
  registration_endpoint: [
    'POST',
    'an app registers itself (RFC 7591), and by GET, PUT and DELETE on `/api/register/{client_id}` looks after that (RFC 7592); only where `dynamic_registration` is on',
  ],
  revocation_endpoint: [
    'POST',
    'ends a token; a refresh token takes everything of its grant along (RFC 7009)',
  ],
  status_list_aggregation_endpoint: [
    'GET',
    'the addresses of the status lists, which say what JWTs and CWTs have ended (Token Status List §9)',
  ],
  tessera_events_endpoint: [
    'GET, POST',
    'a stream of what ends, for clients that serve an API: server-sent events, taken up again by `Last-Event-ID`',
  ],
  tessera_leaked_tokens_endpoint: [
    'POST',
    'whoever holds a leaked token has it ended; up to a hundred in a report, as a form or JSON, always the same answer',
  ],
  userinfo_endpoint: ['GET, POST', 'who the person of a token is (OpenID Connect Core §5.3)'],
  end_session_endpoint: [
    'GET, POST',
    'signs this browser out, at the wish of the person or of an app (RP-Initiated Logout)',
  ],
  jwks_uri: ['GET', 'the keys that check signatures (RFC 7517)'],
};

const OTHERS: readonly (readonly [path: string, methods: string, text: string])[] = [
  [
    '/.well-known/openid-configuration',
    'GET',
    'discovery; also `/.well-known/oauth-authorization-server` (RFC 8414)',
  ],
  [
    '/status-lists/{id}',
    'GET',
    'one status list, as a signed JWT or, where `Accept` asks for it, a CWT (Token Status List §8)',
  ],
  [
    '/.well-known/tessera-token-patterns.json',
    'GET',
    'what tokens look like, for those who look for leaked ones: a regular expression a kind, and the checksum',
  ],
  ['/login', 'GET, POST', 'the sign-in page; signed in, the account'],
  ['/consent', 'GET, POST', 'the page that asks a person; reached from `/authorize` only'],
  ['/device', 'GET, POST', 'the page where a person enters the code of a device'],
  [
    '/.well-known/oauth-protected-resource',
    'GET',
    'where tokens for UserInfo come from; with `/admin/v1` or `/account/v1` behind it, for those APIs (RFC 9728)',
  ],
  ['/health/live', 'GET', 'the process runs'],
  ['/health/ready', 'GET', 'the database answers'],
];

interface Description {
  readonly paths: Readonly<
    Record<string, Readonly<Record<string, { readonly summary?: string; readonly tags?: readonly string[] }>>>
  >;
}

export async function endpointsPage(): Promise<string> {
  const [discovery, admin, account] = await readFromServer([
    '/.well-known/openid-configuration',
    '/admin/v1/openapi.json',
    '/account/v1/openapi.json',
  ]);
  return page(discovery as Readonly<Record<string, unknown>>, admin as Description, account as Description);
}

function page(
  discovery: Readonly<Record<string, unknown>>,
  admin: Description,
  account: Description,
): string {
  return `# Endpoints

Addresses begin with the issuer, here \`${ISSUER}\`. Apps should read them from the discovery document rather than write them down.

## OAuth and OpenID Connect

${table(['Path', 'Methods', 'What'], oauthRows(discovery))}

## Pages and health

${table(
  ['Path', 'Methods', 'What'],
  OTHERS.map(([path, methods, text]) => [code(path), methods, text]),
)}

## Admin API

Takes an access token for \`urn:tessera:api\` with the scope \`admin\`, of an administrator. Described at \`/admin/v1/openapi.json\` (OpenAPI
3.1). What it refuses is in [problems](problems.md).

${table(['', 'Path', 'What'], operationRows(admin))}

## Account API

Takes an access token for \`urn:tessera:api\` with the scope \`account\`. Described at \`/account/v1/openapi.json\`.

${table(['', 'Path', 'What'], operationRows(account))}
`;
}

function oauthRows(discovery: Readonly<Record<string, unknown>>): readonly (readonly string[])[] {
  const found = Object.entries(discovery).filter(
    ([name]) => name.endsWith('_endpoint') || name === 'jwks_uri',
  );
  return found.map(([name, address]) => {
    const [methods, text] = ENDPOINTS[name] ?? [];
    if (methods === undefined || text === undefined)
      throw new Error(`${name} has no line in ${import.meta.filename}`);
    return [code(String(address).slice(ISSUER.length)), methods, text];
  });
}

function operationRows({ paths }: Description): readonly (readonly string[])[] {
  return Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, { summary = '' }]) => [
      method.toUpperCase(),
      code(path),
      summary,
    ]),
  );
}
