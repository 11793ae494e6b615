/** The whole way of an MCP client to a server, one step after the other, as far as it leads. */
import { CommandError } from '../command-error.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { listenForAnswer, type LoopbackListener } from '../loopback-answer.ts';
import { isSafe, said } from './ask.ts';
import {
  type AuthorizationAttempt,
  authorizationUrl,
  examineAuthorization,
  newAttempt,
} from './authorization.ts';
import { type AuthorizationServer, examineAuthorizationServer } from './authorization-server.ts';
import { examineCall } from './call.ts';
import { type Challenge, examineChallenge } from './challenge.ts';
import { type Check, type Found, rule, type Step } from './check.ts';
import type { ClientProfile } from './client-profile.ts';
import { examineProtectedResource, type ProtectedResource } from './protected-resource.ts';
import { examineRegistration, type McpClient } from './registration.ts';
import { examineToken } from './token.ts';

export interface WalkOptions {
  readonly url: string;
  readonly profile: ClientProfile;
  /** A client that is registered already. */
  readonly client?: { readonly id: string; readonly secret?: string };
  /** A token that was got elsewhere: then nobody signs in. */
  readonly token?: string;
  /** Whether a client may be registered for this. */
  readonly mayRegister: boolean;
  /** Shows a person where to sign in; without it the way ends there. */
  readonly signIn?: (address: string) => void;
}

export interface Walked {
  readonly checks: readonly Check[];
  readonly exitCode: ExitCode;
}

const PATIENCE_MS = 5 * 60_000;
/** Where nobody listens, because nobody is going to sign in. */
const SOME_PORT = 49_215;

export async function walk(options: WalkOptions): Promise<Walked> {
  const checks: Check[] = [];
  const keep = <Result>(found: Found<Result>): Result | undefined => {
    checks.push(...found.checks);
    return found.result;
  };
  const challenge = keep(await examineChallenge(options.url)) ?? {};
  const resource = keep(await examineProtectedResource(options.url, challenge, options.profile));
  const server =
    resource === undefined
      ? undefined
      : keep(await examineAuthorizationServer(resource.issuer, options.profile));
  let { token } = options;
  let exitCode: ExitCode = EXIT.ok;
  if (token !== undefined) {
    checks.push(
      ...(['registration', 'authorization', 'token'] as const).map((step) =>
        notReached(step, 'a token was given'),
      ),
    );
  } else if (resource === undefined || server === undefined) {
    checks.push(
      ...(['registration', 'authorization', 'token'] as const).map((step) => notReached(step, NO_SERVER)),
    );
  } else {
    const visit = await visitServer(options, { challenge, resource, server });
    checks.push(...visit.checks);
    ({ token } = visit);
    exitCode = visit.exitCode;
  }
  const call = await callWith(options, token);
  checks.push(...call.checks);
  if (exitCode === EXIT.ok) exitCode = call.exitCode;
  if (exitCode === EXIT.ok && checks.some(({ outcome }) => outcome === 'fail')) exitCode = EXIT.error;
  return { checks, exitCode };
}

const NO_SERVER = 'the authorization server was not found';

function notReached(step: Step, why: string): Check {
  return rule(step, 'not looked at', '').skip(why);
}

async function callWith({ url, token: given }: WalkOptions, token: string | undefined): Promise<Walked> {
  if (token === undefined) return { checks: [notReached('call', 'there is no token')], exitCode: EXIT.ok };
  if (!isSafe(url)) {
    return { checks: [notReached('call', 'a token is not sent over http')], exitCode: EXIT.ok };
  }
  const { checks, status } = await examineCall(url, token);
  if (status === 403) return { checks, exitCode: EXIT.forbidden };
  return { checks, exitCode: status === 401 && given !== undefined ? EXIT.invalidToken : EXIT.ok };
}

interface Places {
  readonly challenge: Challenge;
  readonly resource: ProtectedResource;
  readonly server: AuthorizationServer;
}

interface Visit extends Walked {
  readonly token?: string;
}

/** From the registration to the token. What was registered is taken back. */
async function visitServer(options: WalkOptions, places: Places): Promise<Visit> {
  const { profile, signIn } = options;
  const path = URL.parse(profile.redirectUri(SOME_PORT))?.pathname ?? '/callback';
  const listener =
    signIn !== undefined && comesBackHere(profile)
      ? await listenForAnswer({
          patienceMs: PATIENCE_MS,
          command: 'tessera mcp check --sign-in',
          path,
          ...(profile.port !== undefined && { port: profile.port }),
        })
      : undefined;
  const redirectUri = profile.redirectUri(listener?.port ?? profile.port ?? SOME_PORT);
  let client: McpClient | undefined;
  try {
    const registered = await examineRegistration(places.server, profile, { ...options, redirectUri });
    client = registered.result;
    if (client === undefined) {
      const skipped = (['authorization', 'token'] as const).map((step) =>
        notReached(step, 'there is no client'),
      );
      return { checks: [...registered.checks, ...skipped], exitCode: EXIT.ok };
    }
    const visit = await askForToken(options, places, client, redirectUri, listener);
    return { ...visit, checks: [...registered.checks, ...visit.checks] };
  } finally {
    listener?.close();
    await client?.forget?.();
  }
}

function comesBackHere(profile: ClientProfile): boolean {
  return profile.redirectUri(SOME_PORT).startsWith('http://');
}

async function askForToken(
  { profile, signIn }: WalkOptions,
  { challenge, resource, server }: Places,
  client: McpClient,
  redirectUri: string,
  listener: LoopbackListener | undefined,
): Promise<Visit> {
  const needed = challenge.scope ?? resource.scopes.join(' ');
  const scope = profile.scopesFrom === 'challenge' ? needed : server.scopes.join(' ');
  const attempt = newAttempt({
    clientId: client.id,
    redirectUri,
    resource: profile.resource(resource.identifier),
    ...(scope !== '' && { scope }),
  });
  const checks: Check[] = [
    ...examineScopes(profile, needed, scope),
    ...(await examineAuthorization(server, attempt)),
  ];
  const isRefused = checks.some(({ step, outcome }) => step === 'authorization' && outcome === 'fail');
  if (signIn === undefined || listener === undefined || isRefused) {
    const why =
      signIn === undefined
        ? 'a person must sign in: run it again with --sign-in'
        : isRefused
          ? 'the authorization request does not hold'
          : `only ${profile.title} itself can receive the answer`;
    return { checks: [...checks, notReached('token', why)], exitCode: EXIT.ok };
  }
  const found = await waitForToken({ attempt, server, client, listener, signIn });
  return { ...found, checks: [...checks, ...found.checks] };
}

interface Waiting {
  readonly attempt: AuthorizationAttempt;
  readonly server: AuthorizationServer;
  readonly client: McpClient;
  readonly listener: LoopbackListener;
  readonly signIn: (address: string) => void;
}

async function waitForToken({ attempt, server, client, listener, signIn }: Waiting): Promise<Visit> {
  try {
    const coming = listener.answer(attempt.state);
    signIn(authorizationUrl(server, attempt));
    const { checks, result: token } = await examineToken(await coming, attempt, server, client);
    return { checks, exitCode: EXIT.ok, ...(token !== undefined && { token }) };
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    return { checks: [notReached('token', error.message)], exitCode: error.exitCode };
  }
}

const enough = rule(
  'authorization',
  'the scopes that the client asks for',
  'MCP Authorization, Scope Selection Strategy: the 401 first, then the metadata of the MCP server',
);

/** A client that asks for the wrong scopes gets a token that opens nothing, and does not ask again. */
function examineScopes(profile: ClientProfile, needed: string, asked: string): readonly Check[] {
  if (profile.scopesFrom === 'challenge') return [];
  const missing = needed.split(' ').filter((name) => name !== '' && !asked.split(' ').includes(name));
  if (missing.length === 0) return [enough.pass(said(asked))];
  return [
    enough.warn(
      `${profile.title} takes them from the authorization server, and there ${said(missing.join(' '))} is missing`,
      `Configure the scopes in ${profile.title}, or list them in scopes_supported of the authorization server.`,
    ),
  ];
}
