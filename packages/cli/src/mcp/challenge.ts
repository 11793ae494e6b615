/**
 * The first answer: refused, and told where to go.
 * @spec MCP Authorization 2026-07-28, Error Handling and Token Handling; RFC 6750 §3; RFC 9728 §5.1
 */
import { ask, isSafe, said } from './ask.ts';
import { type Check, type Found, rule } from './check.ts';

export interface Challenge {
  readonly metadataUrl?: string;
  readonly scope?: string;
}

export const INITIALIZE = {
  jsonrpc: '2.0',
  id: 1,
  method: 'initialize',
  params: {
    protocolVersion: '2025-11-25',
    capabilities: {},
    clientInfo: { name: 'tessera-mcp-check', version: '1' },
  },
};

export const MCP_HEADERS = {
  accept: 'application/json, text/event-stream',
  'content-type': 'application/json',
  'mcp-protocol-version': '2025-11-25',
};

const https = rule(
  'challenge',
  'https',
  'MCP Authorization, Communication Security: endpoints are served over HTTPS',
);
const refuses = rule(
  'challenge',
  'no token is answered 401',
  'MCP Authorization, Error Handling: 401 where authorization is required',
);
const points = rule(
  'challenge',
  'the 401 says where the metadata are',
  'RFC 9728 §5.1: resource_metadata in WWW-Authenticate',
);
const namesScope = rule(
  'challenge',
  'the 401 says which scopes to ask for',
  'MCP Authorization, Protected Resource Metadata: scope in WWW-Authenticate (SHOULD)',
);
const checksTokens = rule(
  'challenge',
  'an invalid token is answered 401',
  'MCP Authorization, Token Handling: invalid or expired tokens get 401',
);

export async function examineChallenge(url: string): Promise<Found<Challenge>> {
  const first = isSafe(url)
    ? https.pass(url.startsWith('https:') ? 'https' : 'http, which stays on this machine')
    : https.fail('http, which can be read on the way', 'Serve it over https.');
  const answer = await ask(url, { method: 'POST', headers: MCP_HEADERS, body: JSON.stringify(INITIALIZE) });
  if (answer.status === undefined) {
    return { checks: [first, refuses.fail(answer.problem, 'Start the server, or check the URL.')] };
  }
  if (answer.status !== 401) {
    const fix =
      answer.status < 300
        ? 'It answers everyone: let the verifier refuse requests without a token (docs/quickstarts/mcp-server).'
        : 'Is this the address of the MCP endpoint? It must answer a POST without a token with 401.';
    return { checks: [first, refuses.fail(`it answers ${answer.status}`, fix)] };
  }
  const header = answer.headers.get('www-authenticate') ?? '';
  const metadataUrl = parameterOf(header, 'resource_metadata');
  const scope = parameterOf(header, 'scope');
  return {
    checks: [
      first,
      refuses.pass('401'),
      metadataUrl !== undefined && isSafe(metadataUrl)
        ? points.pass(said(metadataUrl))
        : points.warn(
            header === '' ? 'there is no WWW-Authenticate' : 'resource_metadata is missing or no https URL',
            'Send WWW-Authenticate: Bearer resource_metadata="<URL of the metadata>"; some clients look nowhere else.',
          ),
      scope === undefined
        ? namesScope.warn(
            'it names none',
            'Add scope="…" with what the first calls need, so that clients ask for no more.',
          )
        : namesScope.pass(said(scope)),
      await examineInvalidToken(url),
    ],
    result: {
      ...(metadataUrl !== undefined && isSafe(metadataUrl) && { metadataUrl }),
      ...(scope !== undefined && { scope }),
    },
  };
}

async function examineInvalidToken(url: string): Promise<Check> {
  const headers = { ...MCP_HEADERS, authorization: 'Bearer not-a-token' };
  const answer = await ask(url, { method: 'POST', headers, body: JSON.stringify(INITIALIZE) });
  if (answer.status === undefined) return checksTokens.skip(answer.problem);
  const fix =
    'Verify each token: signature or introspection, issuer, audience, expiry; refuse with 401 invalid_token.';
  return answer.status === 401
    ? checksTokens.pass('401')
    : checksTokens.fail(`the token "not-a-token" is answered ${answer.status}`, fix);
}

/** A parameter of the Bearer challenge; the header may hold others beside it (RFC 9110 §11.6.1). */
export function parameterOf(header: string, name: string): string | undefined {
  const start = /(?:^|,)\s*bearer\s/i.exec(header);
  if (start === null) return undefined;
  const parameters = header.slice(start.index + start[0].length);
  for (const [, found = '', quoted, token] of parameters.matchAll(
    /([\w!#$%&'*+.^`|~-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))/g,
  )) {
    if (found.toLowerCase() === name) return token ?? (quoted ?? '').replaceAll(/\\(.)/g, '$1');
  }
  return undefined;
}
