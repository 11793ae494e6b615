/** The admin and account APIs over HTTP: JSON in, JSON out, problem details turned into exit codes. */
import type { Command } from 'commander';
import { CommandError } from './command-error.ts';
import { EXIT, type ExitCode } from './exit-code.ts';
import { readJson, sendRequest } from './http.ts';
import { tell } from './output.ts';
import { type SignIn, signIn } from './sign-in.ts';
import type { Environment } from './server-url.ts';

export type Json = Readonly<Record<string, unknown>>;

export interface ApiClient {
  readonly signedIn: SignIn;
  get(path: string): Promise<Json>;
  /** Undefined where there is no such thing. */
  getIfThere(path: string): Promise<Json | undefined>;
  post(path: string, body: object): Promise<Json>;
  patch(path: string, body: object): Promise<Json>;
  /** Empty where there is nothing to say. */
  delete(path: string): Promise<Json>;
  /** What an answer that is no JSON says, piece by piece. */
  download(path: string): Promise<AsyncIterable<Uint8Array>>;
  /** The first `limit` items of a list, page by page; tells when there are more. */
  list(path: string, query: Readonly<Record<string, string>>, limit: number): Promise<readonly Json[]>;
}

/** Adds `--server` to a command that speaks to one. */
export function withServer(command: Command): Command {
  return command.option('-s, --server <url>', 'the server to speak to (or TESSERA_URL)');
}

const PAGE = 200;
/** The server reads, and may send, all there is. */
const READS_EVERYTHING = /^\/admin\/v1\/audit-events\/(export|verify)/;

/** @throws CommandError 4 when nobody is signed in */
export async function createApiClient(
  options: { readonly server?: string },
  environment: Environment = process.env,
): Promise<ApiClient> {
  const signedIn = await signIn(environment, options.server);
  const call = (method: string, path: string, body?: object) => callApi(signedIn, method, path, body);
  return {
    signedIn,
    get: (path) => call('GET', path),
    getIfThere: async (path) => {
      try {
        return await call('GET', path);
      } catch (error) {
        if (error instanceof ApiRefusal && error.status === 404) return undefined;
        throw error;
      }
    },
    post: (path, body) => call('POST', path, body),
    patch: (path, body) => call('PATCH', path, body),
    delete: (path) => call('DELETE', path),
    download: async (path) => {
      const response = await answerTo(signedIn, 'GET', path, undefined);
      if (!response.ok) throw failure(response.status, Object(await readJson(response)), signedIn);
      return response.body ?? new Blob([]).stream();
    },
    list: async (path, query, limit) => {
      const items: Json[] = [];
      let cursor: string | undefined;
      do {
        const wanted = {
          ...query,
          limit: String(Math.min(PAGE, limit - items.length)),
          ...(cursor && { cursor }),
        };
        const page = await call('GET', `${path}?${new URLSearchParams(wanted)}`);
        items.push(...itemsOf(page));
        cursor = typeof page['next_cursor'] === 'string' ? page['next_cursor'] : undefined;
      } while (cursor !== undefined && items.length < limit);
      if (cursor !== undefined) tell(`There are more than ${limit}. Ask for them with --limit.`);
      return items;
    },
  };
}

/** The items of an answer that is a list. */
export function itemsOf(answer: Json): readonly Json[] {
  return Array.isArray(answer['items']) ? answer['items'] : [];
}

async function callApi(
  signedIn: SignIn,
  method: string,
  path: string,
  body: object | undefined,
): Promise<Json> {
  const response = await answerTo(signedIn, method, path, body);
  const answer = response.status === 204 ? {} : await readJson(response);
  if (response.ok) return { ...Object(answer) };
  throw failure(response.status, Object(answer), signedIn);
}

/** Asked again with a new token where the one at hand has expired. */
async function answerTo(
  signedIn: SignIn,
  method: string,
  path: string,
  body: object | undefined,
): Promise<Response> {
  const response = await send(signedIn, signedIn.accessToken, { method, path, body });
  if (response.status !== 401) return response;
  const renewed = await signedIn.renew();
  return renewed === undefined ? response : await send(signedIn, renewed, { method, path, body });
}

function send(
  { url }: SignIn,
  token: string,
  {
    method,
    path,
    body,
  }: { readonly method: string; readonly path: string; readonly body: object | undefined },
): Promise<Response> {
  return sendRequest(`${url}${path}`, {
    method,
    ...(READS_EVERYTHING.test(path) && { timeoutMs: 10 * 60_000 }),
    headers: {
      authorization: `Bearer ${token}`,
      ...(body !== undefined && { 'content-type': 'application/json' }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
}

/** The API answered, and the answer was no. */
class ApiRefusal extends CommandError {
  readonly status: number;

  constructor(status: number, message: string) {
    super(exitCodeOf(status), message);
    this.status = status;
  }
}

function failure(
  status: number,
  problem: { title?: unknown; detail?: unknown },
  signedIn: SignIn,
): ApiRefusal {
  const { title, detail } = problem;
  const told = textOf(detail) ?? textOf(title) ?? `${signedIn.url} answered ${status}`;
  const hint = status === 401 ? ` ${FIXES[signedIn.source]}` : '';
  return new ApiRefusal(status, `${told.replace(/\.$/, '')}.${hint}`);
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

const FIXES: Readonly<Record<SignIn['source'], string>> = {
  environment: 'Set TESSERA_TOKEN to a token that is good.',
  login: 'Run `tessera login`.',
  'admin.token': 'Restart `tessera start` (its token lives 24 hours) or run `tessera login`.',
};

function exitCodeOf(status: number): ExitCode {
  if (status === 401) return EXIT.notSignedIn;
  return status === 403 ? EXIT.forbidden : EXIT.error;
}
