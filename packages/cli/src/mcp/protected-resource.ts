/**
 * What the MCP server says about itself: which API it is, and who issues its tokens.
 * @spec RFC 9728 §2, §3.1, §3.3; MCP Authorization 2026-07-28, Authorization Server Location
 */
import { type Answer, ask, isSafe, mediaType, membersOf, said, stringsOf } from './ask.ts';
import type { Challenge } from './challenge.ts';
import { type Check, type Found, rule } from './check.ts';
import type { ClientProfile } from './client-profile.ts';

export interface ProtectedResource {
  readonly identifier: string;
  readonly issuer: string;
  readonly scopes: readonly string[];
}

const found = rule(
  'protected resource',
  'the metadata are there',
  'MCP Authorization, Authorization Server Location: servers implement RFC 9728',
);
const json = rule('protected resource', 'they are JSON', 'RFC 9728 §3.2: 200 with application/json');
const wellKnown = rule(
  'protected resource',
  'they are at the well-known address',
  'RFC 9728 §3.1: /.well-known/oauth-protected-resource before the path',
);
const identity = rule(
  'protected resource',
  'they name this server',
  'RFC 9728 §3.3: resource equals the URL that was asked about',
);
const issuers = rule(
  'protected resource',
  'they name an authorization server',
  'MCP Authorization, Authorization Server Location: authorization_servers has at least one',
);
const offline = rule(
  'protected resource',
  'offline_access is not among the scopes',
  'MCP Authorization, Refresh Tokens: servers do not ask for offline_access (SHOULD NOT)',
);
const cors = rule(
  'protected resource',
  'pages in a browser may read them',
  'Fetch §3.2: CORS, for clients in a browser',
);

const WELL_KNOWN = '/.well-known/oauth-protected-resource';

/** The addresses a client tries, in its order (RFC 9728 §3.1, then the root). */
function addressesOf(url: string, challenge: Challenge, profile: ClientProfile): readonly string[] {
  const { origin, pathname, search } = new URL(url);
  const path = pathname === '/' ? '' : pathname;
  const pointed = profile.readsChallenge ? [challenge.metadataUrl] : [];
  const addresses = [...pointed, `${origin}${WELL_KNOWN}${path}${search}`, `${origin}${WELL_KNOWN}`];
  return [...new Set(addresses.filter((address) => address !== undefined))];
}

export async function examineProtectedResource(
  url: string,
  challenge: Challenge,
  profile: ClientProfile,
): Promise<Found<ProtectedResource>> {
  const tried: string[] = [];
  for (const address of addressesOf(url, challenge, profile)) {
    // oxlint-disable-next-line no-await-in-loop -- the first that answers counts, as for clients
    const answer = await ask(address);
    if (answer.status === 200) return examineDocument(url, answer, profile);
    tried.push(`${address} answers ${answer.status ?? answer.problem}`);
  }
  const fix =
    'Serve the document of RFC 9728 there: serveProtectedResourceMetadata of @tessera/verifier does.';
  return { checks: [found.fail(said(tried.join('; ')), fix)] };
}

async function examineDocument(
  url: string,
  answer: Answer,
  profile: ClientProfile,
): Promise<Found<ProtectedResource>> {
  const document = membersOf(answer.json);
  const { resource } = document;
  const [issuer] = stringsOf(document['authorization_servers']);
  const scopes = stringsOf(document['scopes_supported']);
  const type = mediaType(answer.headers);
  const checks = [
    found.pass(answer.url),
    answer.json !== undefined && type === 'application/json'
      ? json.pass('application/json')
      : json.fail(`the body is ${said(type)}`, 'Answer JSON, with Content-Type: application/json.'),
    await examineWellKnown(url),
    examineIdentity(url, resource, profile),
    issuer !== undefined && isSafe(issuer)
      ? issuers.pass(said(issuer))
      : issuers.fail(
          `it names ${said(issuer)}`,
          'List the issuer of your tokens, an https URL, in authorization_servers.',
        ),
    scopes.includes('offline_access')
      ? offline.warn(
          'it is',
          'Take it out: a refresh token is between the client and the authorization server.',
        )
      : offline.pass(scopes.length === 0 ? 'no scopes are named' : said(scopes.join(' '))),
    answer.headers.get('access-control-allow-origin') === '*'
      ? cors.pass('any origin')
      : cors.missed(
          profile.inBrowser,
          'they may not',
          'Send Access-Control-Allow-Origin: * with the metadata; they are public.',
        ),
  ];
  if (issuer === undefined || !isSafe(issuer)) return { checks };
  return { checks, result: { identifier: typeof resource === 'string' ? resource : url, issuer, scopes } };
}

/** Some versions of some clients look there whatever the 401 says. */
async function examineWellKnown(url: string): Promise<Check> {
  const { origin, pathname, search } = new URL(url);
  const address = `${origin}${WELL_KNOWN}${pathname === '/' ? '' : pathname}${search}`;
  const answer = await ask(address);
  if (answer.status === 200) return wellKnown.pass(address);
  const detail = `${address} answers ${answer.status ?? answer.problem}`;
  return wellKnown.warn(detail, 'Serve the same document there too: not every client reads the 401.');
}

function examineIdentity(url: string, resource: unknown, profile: ClientProfile): Check {
  if (typeof resource !== 'string' || !URL.canParse(resource)) {
    return identity.fail(`resource is ${said(resource)}`, `Set resource to ${url}.`);
  }
  if (resource === url) return identity.pass(resource);
  const detail = `resource is ${said(resource)}, the URL is ${url}`;
  const fix = `Set resource to ${url}, letter for letter, and ask for tokens with that audience.`;
  if (!isAbove(resource, url)) return identity.fail(detail, fix);
  // An empty path is the same with and without its slash.
  if (!profile.exactResource && URL.parse(resource)?.href === URL.parse(url)?.href)
    return identity.pass(detail);
  const why = profile.exactResource ? `; ${profile.title} wants them equal` : ', which is below it';
  return identity.missed(profile.exactResource, detail + why, fix);
}

/** Clients take a parent of the URL for the API, too. */
function isAbove(resource: string, url: string): boolean {
  const [above, below] = [new URL(resource), new URL(url)];
  const path = above.pathname.endsWith('/') ? above.pathname : `${above.pathname}/`;
  return above.origin === below.origin && `${below.pathname}/`.startsWith(path);
}
