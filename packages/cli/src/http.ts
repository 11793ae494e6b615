/** Requests of the command line: bounded in time, never redirected (a token would go along), with one clear failure. */
import { CommandError } from './command-error.ts';
import { EXIT } from './exit-code.ts';

const TIMEOUT_MS = 15_000;

export interface Request {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | URLSearchParams;
  /** Until the last byte of the answer. */
  readonly timeoutMs?: number;
}

/** @throws CommandError when there is no answer */
export async function sendRequest(url: string, request: Request): Promise<Response> {
  try {
    return await fetch(url, {
      method: request.method ?? 'GET',
      headers: { accept: 'application/json', ...request.headers },
      ...(request.body !== undefined && { body: request.body }),
      redirect: 'manual',
      signal: AbortSignal.timeout(request.timeoutMs ?? TIMEOUT_MS),
    });
  } catch (error) {
    const message = `${new URL(url).origin} does not answer. Is it running? \`tessera doctor\` tells more.`;
    throw new CommandError(EXIT.error, message, { cause: error });
  }
}

/** The body as JSON; undefined where it is none. */
export async function readJson(response: Response): Promise<unknown> {
  try {
    return await response.json();
  } catch {
    return undefined;
  }
}
