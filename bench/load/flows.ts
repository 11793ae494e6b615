/**
 * Whole flows of a confidential client: it pushes a request, a browser that is signed in takes it to the authorization
 * endpoint, the client redeems the code. One flow after another on each connection.
 * @spec RFC 9126 §2, RFC 6749 §4.1, RFC 7636 §4
 */
import { createHash, randomBytes } from 'node:crypto';
import { type Answer, openConnection, wrongAnswer } from './connection.ts';
import type { LoadResult } from './load.ts';

export interface FlowLoad {
  readonly port: number;
  readonly pushPath: string;
  readonly authorizationPath: string;
  readonly tokenPath: string;
  /** Of the client: how it authenticates. */
  readonly headers: Readonly<Record<string, string>>;
  /** A browser for each connection: its Cookie header. */
  readonly cookies: readonly string[];
  readonly clientId: string;
  readonly redirectUri: string;
  readonly scope: string;
  readonly seconds: number;
}

/** What one connection is in the middle of. */
interface Flow {
  readonly startedAt: number;
  readonly verifier: string;
  readonly state: string;
}

const LOCATION = /\r\nlocation: *([^\r]+)/i;

/** Counts flows, not requests; a latency is that of a whole flow. */
export async function runFlows(load: FlowLoad): Promise<LoadResult> {
  const latencies: number[] = [];
  const startedAt = performance.now();
  const isOver = (): boolean => performance.now() - startedAt >= load.seconds * 1000;
  await Promise.all(load.cookies.map((cookie) => runConnection(load, cookie, latencies, isOver)));
  const seconds = (performance.now() - startedAt) / 1000;
  latencies.sort((one, other) => one - other);
  return {
    answers: latencies.length,
    answersPerSecond: latencies.length / seconds,
    p50: latencies[Math.floor(latencies.length * 0.5)] ?? 0,
    p99: latencies[Math.floor(latencies.length * 0.99)] ?? 0,
    collected: [],
  };
}

async function runConnection(
  load: FlowLoad,
  cookie: string,
  latencies: number[],
  isOver: () => boolean,
): Promise<void> {
  let hear: { resolve(answer: Answer): void; reject(error: Error): void } | undefined;
  const connection = await openConnection(
    load.port,
    (answer) => hear?.resolve(answer),
    (error) => hear?.reject(error),
  );
  const ask = (request: string): Promise<Answer> =>
    new Promise((resolve, reject) => {
      hear = { resolve, reject };
      connection.send(request);
    });
  try {
    while (!isOver()) {
      // oxlint-disable-next-line no-await-in-loop -- one flow after another is the load
      latencies.push(await runFlow(load, cookie, ask));
    }
  } finally {
    connection.close();
  }
}

/** @returns how long it took, in milliseconds */
async function runFlow(
  load: FlowLoad,
  cookie: string,
  ask: (request: string) => Promise<Answer>,
): Promise<number> {
  const flow: Flow = {
    startedAt: performance.now(),
    verifier: randomBytes(32).toString('base64url'),
    state: randomBytes(16).toString('base64url'),
  };
  const requestUri = pushed(await ask(push(load, flow)));
  const code = redirected(await ask(authorize(load, cookie, requestUri)), load, flow);
  redeemed(await ask(redeem(load, flow, code)));
  return performance.now() - flow.startedAt;
}

function push(load: FlowLoad, { verifier, state }: Flow): string {
  return post(load, load.pushPath, {
    response_type: 'code',
    client_id: load.clientId,
    redirect_uri: load.redirectUri,
    scope: load.scope,
    state,
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
  });
}

function authorize(
  { port, authorizationPath, clientId }: FlowLoad,
  cookie: string,
  requestUri: string,
): string {
  const query = new URLSearchParams({ client_id: clientId, request_uri: requestUri });
  return `GET ${authorizationPath}?${query} HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\ncookie: ${cookie}\r\n\r\n`;
}

function redeem(load: FlowLoad, { verifier }: Flow, code: string): string {
  return post(load, load.tokenPath, {
    grant_type: 'authorization_code',
    code,
    redirect_uri: load.redirectUri,
    code_verifier: verifier,
  });
}

function post({ port, headers }: FlowLoad, path: string, form: Readonly<Record<string, string>>): string {
  const body = new URLSearchParams(form).toString();
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return `POST ${path} HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\n${lines.join('')}content-type: application/x-www-form-urlencoded\r\ncontent-length: ${body.length}\r\n\r\n${body}`;
}

function pushed(answer: Answer): string {
  const { request_uri: requestUri } = JSON.parse(answer.body) as Record<string, unknown>;
  if (answer.status !== 201 || typeof requestUri !== 'string') throw wrongAnswer(answer);
  return requestUri;
}

function redirected(answer: Answer, { redirectUri }: FlowLoad, { state }: Flow): string {
  const location = LOCATION.exec(answer.head)?.[1] ?? '';
  if (!location.startsWith(`${redirectUri}?`)) throw wrongAnswer(answer);
  const { searchParams } = new URL(location);
  const code = searchParams.get('code');
  if (code === null || searchParams.get('state') !== state) throw wrongAnswer(answer);
  return code;
}

function redeemed(answer: Answer): void {
  const { access_token: token, id_token: idToken } = JSON.parse(answer.body) as Record<string, unknown>;
  if (answer.status !== 200 || typeof token !== 'string' || typeof idToken !== 'string')
    throw wrongAnswer(answer);
}
