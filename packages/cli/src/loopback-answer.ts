/**
 * Waits on a free loopback port for the authorization response.
 *
 * @spec RFC 8252 §7.3, RFC 6749 §4.1.2 and §10.12 (state)
 */
import { createServer, type Server } from 'node:http';
import { CommandError } from './command-error.ts';
import { EXIT } from './exit-code.ts';

export interface LoopbackAnswer {
  readonly code?: string;
  readonly iss?: string;
  readonly error?: string;
}

export interface LoopbackListener {
  readonly port: number;
  readonly redirectUri: string;
  /** The first answer with this state; others are turned away. @throws CommandError when none comes in time */
  answer(state: string): Promise<LoopbackAnswer>;
  close(): void;
}

const PATH = '/callback';

export interface ListenOptions {
  readonly patienceMs: number;
  /** What to run again when nobody came. */
  readonly command: string;
  /** Any free one unless given. */
  readonly port?: number;
  /** Where the answer is expected; `/callback` unless given. */
  readonly path?: string;
}

const HEADERS = {
  'content-type': 'text/plain; charset=utf-8',
  'cache-control': 'no-store',
  'referrer-policy': 'no-referrer',
  connection: 'close',
};

export async function listenForAnswer(options: ListenOptions): Promise<LoopbackListener> {
  const server = createServer();
  const port = await listen(server, options.port ?? 0);
  return {
    port,
    redirectUri: `http://127.0.0.1:${port}${PATH}`,
    answer: (state) => firstAnswer(server, state, options),
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

function listen(server: Server, wanted: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host: '127.0.0.1', port: wanted }, () => {
      const address = server.address();
      if (typeof address === 'object' && address !== null) resolve(address.port);
      else reject(new Error('The loopback listener has no port'));
    });
  });
}

function firstAnswer(
  server: Server,
  state: string,
  { patienceMs, command, path = PATH }: ListenOptions,
): Promise<LoopbackAnswer> {
  return new Promise((resolve, reject) => {
    const patience = setTimeout(() => {
      reject(
        new CommandError(EXIT.notSignedIn, `Nobody signed in within five minutes. Run \`${command}\` again.`),
      );
    }, patienceMs);
    server.on('request', (request, response) => {
      const url = URL.parse(request.url ?? '', 'http://127.0.0.1');
      if (request.method !== 'GET' || url?.pathname !== path) {
        response.writeHead(404, HEADERS).end('There is nothing here.\n');
        return;
      }
      // Whatever else runs in the browser may call this port too; only our own request knows the state.
      if (url.searchParams.get('state') !== state) {
        response.writeHead(400, HEADERS).end('This is not the answer to the sign-in that is under way.\n');
        return;
      }
      clearTimeout(patience);
      const answer = readAnswer(url.searchParams);
      const text = answer.code === undefined ? 'Not signed in.' : 'Signed in.';
      response
        .writeHead(200, HEADERS)
        .end(`${text} You can close this page and go back to the terminal.\n`, () => {
          resolve(answer);
        });
    });
  });
}

function readAnswer(parameters: URLSearchParams): LoopbackAnswer {
  const code = parameters.get('code');
  const iss = parameters.get('iss');
  const error = parameters.get('error');
  return {
    ...(code !== null && { code }),
    ...(iss !== null && { iss }),
    // It is printed: the characters an error code may have, and no others (RFC 6749 §4.1.2.1).
    ...(error !== null && { error: error.replaceAll(/[^\x20-\x21\x23-\x5b\x5d-\x7e]/g, '?').slice(0, 100) }),
  };
}
