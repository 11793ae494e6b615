/**
 * What the authorization server says about itself.
 * @spec RFC 8414 §2, §3.1, §3.3; OpenID Connect Discovery §4; MCP Authorization 2026-07-28, Authorization Server Metadata
 * Discovery and Authorization Code Protection; RFC 9207 §3
 */
import { type Answer, ask, isSafe, membersOf, said, stringsOf } from './ask.ts';
import { type Check, type Found, rule } from './check.ts';
import type { ClientProfile } from './client-profile.ts';

export interface AuthorizationServer {
  readonly issuer: string;
  readonly authorizationEndpoint: string;
  readonly tokenEndpoint: string;
  readonly registrationEndpoint?: string;
  readonly takesMetadataDocuments: boolean;
  readonly promisesIss: boolean;
  readonly authMethods: readonly string[];
  readonly scopes: readonly string[];
}

const DISCOVERY = 'MCP Authorization, Authorization Server Metadata Discovery';
const found = rule(
  'authorization server',
  'the metadata are there',
  `${DISCOVERY}: RFC 8414 or OpenID Connect Discovery`,
);
const everywhere = rule(
  'authorization server',
  'clients find them wherever they look',
  `${DISCOVERY}: the order of addresses`,
);
const identity = rule(
  'authorization server',
  'they name this issuer',
  'RFC 8414 §3.3: issuer is identical, letter for letter',
);
const endpoints = rule(
  'authorization server',
  'authorization and token endpoint',
  'RFC 8414 §2; MCP Authorization, Communication Security: https',
);
const code = rule(
  'authorization server',
  'response_type code',
  'RFC 8414 §2: response_types_supported has code',
);
const pkce = rule(
  'authorization server',
  'PKCE with S256',
  'MCP Authorization, Authorization Code Protection: without code_challenge_methods_supported clients refuse',
);
const iss = rule(
  'authorization server',
  'iss in the answers',
  'RFC 9207 §3; MCP Authorization 2026-07-28: authorization_response_iss_parameter_supported (SHOULD)',
);
const publicClients = rule(
  'authorization server',
  'clients without a secret',
  'RFC 8414 §2: token_endpoint_auth_methods_supported has none; OAuth 2.1 §2.1',
);
const cors = rule(
  'authorization server',
  'pages in a browser may read them',
  'Fetch §3.2: CORS, for clients in a browser',
);

/** In the order of the specification: OAuth before the path, OpenID before it, OpenID behind it. */
function addressesOf(issuer: string): readonly string[] {
  const { origin, pathname } = new URL(issuer);
  const path = pathname.replace(/\/$/, '');
  const behind = path === '' ? [] : [`${origin}${path}/.well-known/openid-configuration`];
  return [
    `${origin}/.well-known/oauth-authorization-server${path}`,
    `${origin}/.well-known/openid-configuration${path}`,
    ...behind,
  ];
}

export async function examineAuthorizationServer(
  issuer: string,
  profile: ClientProfile,
): Promise<Found<AuthorizationServer>> {
  const answers = await Promise.all(addressesOf(issuer).map((address) => ask(address)));
  const documents = answers.filter(
    (answer): answer is Answer => answer.status === 200 && answer.json !== undefined,
  );
  const [first] = documents;
  const missing = answers.filter((answer) => answer.status !== 200);
  const told = missing.map((answer) => `${answer.url} answers ${answer.status ?? answer.problem}`).join('; ');
  if (first === undefined) {
    const fix = 'Serve RFC 8414 metadata there, or set authorization_servers to the issuer that does.';
    return { checks: [found.fail(said(told), fix)] };
  }
  const checks = [
    found.pass(first.url),
    missing.length === 0
      ? everywhere.pass(`all ${answers.length} addresses answer`)
      : everywhere.warn(said(told), 'Answer at all of them: older clients know one of them only.'),
    ...examineDocuments(issuer, documents),
    ...examineMetadata(membersOf(first.json)),
    first.headers.get('access-control-allow-origin') === '*'
      ? cors.pass('any origin')
      : cors.missed(profile.inBrowser, 'they may not', 'Send Access-Control-Allow-Origin: * with them.'),
  ];
  const result = readMetadata(issuer, membersOf(first.json));
  return result === undefined ? { checks } : { checks, result };
}

/** What each of them must say, whichever a client finds. */
function examineDocuments(issuer: string, documents: readonly Answer[]): readonly Check[] {
  const strange = documents.find(({ json }) => membersOf(json)['issuer'] !== issuer);
  const unprotected = documents.find(
    ({ json }) => !stringsOf(membersOf(json)['code_challenge_methods_supported']).includes('S256'),
  );
  return [
    strange === undefined
      ? identity.pass(issuer)
      : identity.fail(
          `${strange.url} names ${said(membersOf(strange.json)['issuer'])}, the MCP server ${issuer}`,
          'Make the two the same string: a slash at the end counts.',
        ),
    unprotected === undefined
      ? pkce.pass('S256')
      : pkce.fail(
          `${unprotected.url} does not list S256`,
          'Add code_challenge_methods_supported: ["S256"] to every metadata document.',
        ),
  ];
}

function examineMetadata(metadata: Readonly<Record<string, unknown>>): readonly Check[] {
  const missing = ['authorization_endpoint', 'token_endpoint'].filter(
    (name) => !isSafe(textOf(metadata[name])),
  );
  const methods = authMethodsOf(metadata);
  return [
    missing.length === 0
      ? endpoints.pass(`${said(metadata['authorization_endpoint'])}, ${said(metadata['token_endpoint'])}`)
      : endpoints.fail(`${missing.join(' and ')}: missing, or not https`, 'Name both, as https URLs.'),
    stringsOf(metadata['response_types_supported']).includes('code')
      ? code.pass('code')
      : code.fail(
          `it lists ${said(metadata['response_types_supported'])}`,
          'List "code" in response_types_supported.',
        ),
    metadata['authorization_response_iss_parameter_supported'] === true
      ? iss.pass('promised')
      : iss.warn(
          'not promised',
          'Send iss with each authorization answer, errors too, and say so in the metadata: it stops mix-ups of servers.',
        ),
    methods.includes('none')
      ? publicClients.pass(said(methods.join(' ')))
      : publicClients.warn(
          `it lists ${said(methods.join(' '))}`,
          'Add "none" to token_endpoint_auth_methods_supported: programs on a person\'s machine keep no secret.',
        ),
  ];
}

function readMetadata(
  issuer: string,
  metadata: Readonly<Record<string, unknown>>,
): AuthorizationServer | undefined {
  const authorizationEndpoint = textOf(metadata['authorization_endpoint']);
  const tokenEndpoint = textOf(metadata['token_endpoint']);
  const registrationEndpoint = textOf(metadata['registration_endpoint']);
  if (!isSafe(authorizationEndpoint) || !isSafe(tokenEndpoint)) return undefined;
  return {
    issuer,
    authorizationEndpoint,
    tokenEndpoint,
    ...(isSafe(registrationEndpoint) && { registrationEndpoint }),
    takesMetadataDocuments: metadata['client_id_metadata_document_supported'] === true,
    promisesIss: metadata['authorization_response_iss_parameter_supported'] === true,
    authMethods: authMethodsOf(metadata),
    scopes: stringsOf(metadata['scopes_supported']),
  };
}

/** RFC 8414 §2: without the member it is Basic. */
function authMethodsOf(metadata: Readonly<Record<string, unknown>>): readonly string[] {
  const methods = metadata['token_endpoint_auth_methods_supported'];
  return methods === undefined ? ['client_secret_basic'] : stringsOf(methods);
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
