/**
 * How a client becomes known to the authorization server: by the operator, by a document at its own URL, or by asking.
 * @spec MCP Authorization 2026-07-28, Client Registration; RFC 7591 §2, §3; RFC 7592 §2.3
 */
import { ask, isSafe, membersOf, said, stringsOf } from './ask.ts';
import type { AuthorizationServer } from './authorization-server.ts';
import { type Check, type Found, rule } from './check.ts';
import type { ClientProfile, RegistrationWay } from './client-profile.ts';

export interface McpClient {
  readonly id: string;
  readonly secret?: string;
  readonly way: RegistrationWay;
  /** Takes back what was registered for this check, where the server can. */
  readonly forget?: () => Promise<void>;
}

export interface RegistrationOptions {
  /** A client that is registered already, or the URL of a metadata document. */
  readonly client?: { readonly id: string; readonly secret?: string };
  readonly mayRegister: boolean;
  readonly redirectUri: string;
}

const CIMD = 'MCP Authorization, Client Registration: Client ID Metadata Documents';
const documents = rule('registration', 'clients known by their URL', `${CIMD} (SHOULD)`);
const documentsForPublic = rule('registration', 'clients known by their URL, without a secret', CIMD);
const dynamic = rule(
  'registration',
  'clients that register themselves',
  'RFC 7591 §3; MCP Authorization: Dynamic Client Registration (MAY)',
);
const available = rule(
  'registration',
  'a client can be had',
  'MCP Authorization, Client Registration: one of the three ways',
);

export async function examineRegistration(
  server: AuthorizationServer,
  profile: ClientProfile,
  options: RegistrationOptions,
): Promise<Found<McpClient>> {
  const checks: Check[] = [examineDocuments(server, profile)];
  for (const way of profile.registration) {
    if (way === 'static' && options.client !== undefined) return chosen(checks, { ...options.client, way });
    if (way === 'metadata document' && takesDocumentOf(profile, server)) {
      return chosen(checks, { id: profile.metadataDocument ?? '', way });
    }
    if (way === 'dynamic' && server.registrationEndpoint !== undefined && options.mayRegister) {
      // oxlint-disable-next-line no-await-in-loop -- the first way that is open is taken
      const { checks: more, result } = await register(
        server.registrationEndpoint,
        profile,
        options.redirectUri,
      );
      checks.push(...more);
      if (result !== undefined) return chosen(checks, result);
    }
  }
  const fix = `Give --client-id with a client that has the redirect URI ${options.redirectUri}, or let the server offer one of the other ways.`;
  return {
    checks: [
      ...checks,
      ...(server.registrationEndpoint === undefined ? [dynamic.skip('not offered')] : []),
      available.missed(
        options.client === undefined && profile.name !== 'plain',
        `${profile.title} cannot become a client here`,
        fix,
      ),
    ],
  };
}

function chosen(checks: readonly Check[], client: McpClient): Found<McpClient> {
  return { checks: [...checks, available.pass(`${client.way}: ${said(client.id)}`)], result: client };
}

function takesDocumentOf(profile: ClientProfile, server: AuthorizationServer): boolean {
  return (
    profile.metadataDocument !== undefined &&
    server.takesMetadataDocuments &&
    server.authMethods.includes('none')
  );
}

function examineDocuments(server: AuthorizationServer, profile: ClientProfile): Check {
  const fix =
    'Take Client ID Metadata Documents and say client_id_metadata_document_supported: true; clients prefer them.';
  if (!server.takesMetadataDocuments) return documents.warn('not offered', fix);
  if (server.authMethods.includes('none') || profile.metadataDocument === undefined)
    return documents.pass('offered');
  return documentsForPublic.fail(
    `offered, but "none" is not among the ways to authenticate, so ${profile.title} does not use it`,
    'Add "none" to token_endpoint_auth_methods_supported.',
  );
}

async function register(
  endpoint: string,
  profile: ClientProfile,
  redirectUri: string,
): Promise<Found<McpClient>> {
  const answer = await ask(endpoint, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      client_name: profile.title,
      redirect_uris: [redirectUri],
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      token_endpoint_auth_method: 'none',
      application_type: redirectUri.startsWith('https:') ? 'web' : 'native',
    }),
  });
  const registered = membersOf(answer.status === undefined ? undefined : answer.json);
  const { client_id: id, client_secret: secret, error } = registered;
  if (answer.status !== 201 || typeof id !== 'string') {
    const detail =
      answer.status === undefined ? answer.problem : `it answers ${answer.status} ${said(error ?? '')}`;
    const fix = 'Answer 201 with a client_id, or take registration_endpoint out of the metadata.';
    return { checks: [dynamic.fail(detail.trim(), fix)] };
  }
  if (!stringsOf(registered['redirect_uris']).includes(redirectUri)) {
    const fix = 'Register the redirect URIs as they were sent, or refuse with invalid_redirect_uri.';
    return { checks: [dynamic.fail(`the redirect URI ${redirectUri} is not in the answer`, fix)] };
  }
  const forget = forgetting(registered);
  return {
    checks: [
      dynamic.pass(
        forget === undefined
          ? `registered ${said(id)}, which stays: there is no RFC 7592`
          : `registered ${said(id)}`,
      ),
    ],
    result: {
      id,
      way: 'dynamic',
      ...(typeof secret === 'string' && secret !== '' && { secret }),
      ...(forget !== undefined && { forget }),
    },
  };
}

/** RFC 7592 §2.3. */
function forgetting(registered: Readonly<Record<string, unknown>>): (() => Promise<void>) | undefined {
  const { registration_client_uri: uri, registration_access_token: token } = registered;
  if (typeof uri !== 'string' || typeof token !== 'string' || !isSafe(uri)) return undefined;
  return async () => {
    await ask(uri, { method: 'DELETE', headers: { authorization: `Bearer ${token}` } });
  };
}
