/**
 * What the authorization endpoint does with good and bad requests, seen without a person.
 * @spec OAuth 2.1 §4.1.1, §4.1.2.1; RFC 7636 §4.4.1; RFC 8707 §2; RFC 9207 §2; RFC 9700 §4.1
 */
import { createHash, randomBytes } from 'node:crypto';
import { ask, said } from './ask.ts';
import type { AuthorizationServer } from './authorization-server.ts';
import { type Check, rule } from './check.ts';

/** What a client asks for, and what it keeps until the answer comes. */
export interface AuthorizationAttempt {
  readonly clientId: string;
  readonly redirectUri: string;
  readonly resource: string;
  readonly scope?: string;
  readonly state: string;
  readonly codeVerifier: string;
}

export function newAttempt(
  details: Omit<AuthorizationAttempt, 'state' | 'codeVerifier'>,
): AuthorizationAttempt {
  return {
    ...details,
    state: randomBytes(16).toString('base64url'),
    codeVerifier: randomBytes(32).toString('base64url'),
  };
}

/** Where a person is sent. @param changes parameters that are another value, or left out */
export function authorizationUrl(
  server: AuthorizationServer,
  attempt: AuthorizationAttempt,
  changes: Readonly<Record<string, string | undefined>> = {},
): string {
  const url = new URL(server.authorizationEndpoint);
  const parameters = {
    response_type: 'code',
    client_id: attempt.clientId,
    redirect_uri: attempt.redirectUri,
    resource: attempt.resource,
    scope: attempt.scope,
    state: attempt.state,
    code_challenge: createHash('sha256').update(attempt.codeVerifier).digest('base64url'),
    code_challenge_method: 'S256',
    ...changes,
  };
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== undefined) url.searchParams.set(name, value);
  }
  return url.href;
}

const accepts = rule(
  'authorization',
  'the request is taken',
  'MCP Authorization, Resource Parameter Implementation; OAuth 2.1 §4.1.1',
);
const pkce = rule(
  'authorization',
  'no PKCE is refused',
  'OAuth 2.1 §4.1.1: code_challenge is required of public clients',
);
const redirects = rule(
  'authorization',
  'no redirect to an address that is not registered',
  'MCP Authorization, Open Redirection; OAuth 2.1 §2.3: exact match',
);
const resources = rule('authorization', 'an unknown resource is refused', 'RFC 8707 §2: invalid_target');
const iss = rule('authorization', 'errors carry iss and state', 'RFC 9207 §2; OAuth 2.1 §4.1.2.1');

/** Nobody's: reserved by RFC 6761. */
const STRANGER = 'https://stranger.invalid/callback';

export async function examineAuthorization(
  server: AuthorizationServer,
  attempt: AuthorizationAttempt,
): Promise<readonly Check[]> {
  const send = (changes: Readonly<Record<string, string | undefined>>): Promise<Reaction> =>
    reactionTo(authorizationUrl(server, attempt, changes));
  const [good, bare, stranger, elsewhere] = await Promise.all([
    send({}),
    send({ code_challenge: undefined, code_challenge_method: undefined }),
    send({ redirect_uri: STRANGER }),
    send({ resource: 'https://stranger.invalid/mcp' }),
  ]);
  return [
    examineGood(good, attempt),
    refusesToGoOn(bare)
      ? pkce.pass(described(bare))
      : pkce.warn(
          'it goes on to a page',
          'Refuse a request without code_challenge before anybody signs in: invalid_request.',
        ),
    stranger.location?.startsWith('https://stranger.invalid/') === true
      ? redirects.fail(
          'it redirects there',
          'Compare redirect_uri with the registered ones, character by character, before anything else.',
        )
      : redirects.pass(described(stranger)),
    refusesToGoOn(elsewhere)
      ? resources.pass(described(elsewhere))
      : resources.warn(
          'it goes on to a page',
          'Answer invalid_target for an API you do not know; otherwise a token may be good where nobody meant it.',
        ),
    examineErrorAnswer([bare, elsewhere, good], server, attempt),
  ];
}

interface Reaction {
  readonly status: number | undefined;
  readonly problem?: string;
  readonly location?: string;
  /** The parameters, where the server sent the browser back to the client. */
  readonly back?: URLSearchParams;
}

async function reactionTo(address: string): Promise<Reaction> {
  const answer = await ask(address, { headers: { accept: 'text/html' } });
  if (answer.status === undefined) return { status: undefined, problem: answer.problem };
  const { status, headers } = answer;
  const location = headers.get('location');
  if (location === null || status < 300 || status > 399) return { status };
  const url = URL.parse(location, address);
  const redirectUri = new URL(address).searchParams.get('redirect_uri') ?? '';
  const isBack = url !== null && location.split(/[?#]/, 1)[0] === redirectUri;
  return { status, location: url?.href ?? location, ...(isBack && { back: url.searchParams }) };
}

function refusesToGoOn({ status, back }: Reaction): boolean {
  return back?.has('error') === true || (status !== undefined && status >= 400 && status < 500);
}

function described({ status, problem, back, location }: Reaction): string {
  if (status === undefined) return problem ?? 'no answer';
  const error = back?.get('error');
  if (error !== undefined && error !== null) return said(error);
  return location === undefined ? `it answers ${status}` : `it leads to ${said(URL.parse(location)?.origin)}`;
}

function examineGood(reaction: Reaction, { resource, redirectUri, scope }: AuthorizationAttempt): Check {
  const error = reaction.back?.get('error');
  const asked = `resource=${resource} redirect_uri=${redirectUri} scope=${scope ?? 'none'}`;
  if (reaction.status === undefined)
    return accepts.fail(described(reaction), 'Start the authorization server.');
  if (refusesToGoOn(reaction)) {
    const description = reaction.back?.get('error_description');
    return accepts.fail(
      `${described(reaction)} ${said(description ?? '')}`.trim() + ` for ${said(asked)}`,
      FIX_OF_ERROR[error ?? ''] ??
        'Is the client registered, with this redirect URI (any port on loopback, RFC 8252 §7.3)?',
    );
  }
  return reaction.status < 400
    ? accepts.pass(asked)
    : accepts.fail(described(reaction), 'Look at the log of the authorization server.');
}

const FIX_OF_ERROR: Readonly<Record<string, string>> = {
  invalid_target:
    'Register the API under the identifier that its metadata name; with and without the slash of an empty path.',
  invalid_scope: 'Let the metadata and the 401 name only scopes that this client may have.',
  unauthorized_client: 'Register the client for the authorization code grant.',
};

/** The first error that came back to the client tells about all of them. */
function examineErrorAnswer(
  reactions: readonly Reaction[],
  { issuer, promisesIss }: AuthorizationServer,
  { state }: AuthorizationAttempt,
): Check {
  const back = reactions.find((reaction) => reaction.back?.has('error') === true)?.back;
  if (back === undefined) return iss.skip('no error came back to the client');
  if (back.get('state') !== state)
    return iss.fail('state is missing or changed', 'Send state back as it came.');
  const got = back.get('iss');
  if (got === issuer) return iss.pass(issuer);
  return iss.missed(
    promisesIss || got !== null,
    got === null ? 'iss is missing' : `iss is ${said(got)}, not ${issuer}`,
    'Send iss, letter for letter the issuer of the metadata, with every authorization answer.',
  );
}
