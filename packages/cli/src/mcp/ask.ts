/** Requests to servers that nobody vouches for: bounded in time and size, redirects never followed. */

const TIMEOUT_MS = 10_000;
const MAX_BYTES = 1024 * 1024;

export interface Answer {
  readonly url: string;
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The body, where it is JSON; of an event stream, the message that was waited for. */
  readonly json: unknown;
}

export interface Question {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | URLSearchParams;
}

/** Nothing came back, or nothing that could be read. */
export interface Silence {
  readonly url: string;
  readonly status: undefined;
  readonly problem: string;
}

export async function ask(url: string, question: Question = {}): Promise<Answer | Silence> {
  try {
    const response = await fetch(url, {
      ...question,
      headers: { accept: 'application/json', ...question.headers },
      redirect: 'manual',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const streamed = mediaType(response.headers) === 'text/event-stream';
    const text = await readBounded(response, streamed ? isWholeEvent : () => false);
    const { status, headers } = response;
    return { url, status, headers, text, json: parse(streamed ? dataOf(text) : text) };
  } catch (error) {
    return { url, status: undefined, problem: problemOf(error) };
  }
}

export function mediaType(headers: Headers): string {
  return (headers.get('content-type') ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
}

/** @throws Error when it is too long */
async function readBounded(response: Response, isEnough: (text: string) => boolean): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.length;
    // Leaving the loop cancels the stream.
    if (size > MAX_BYTES) throw new Error('it answers more than 1 MB');
    text += decoder.decode(chunk, { stream: true });
    if (isEnough(text)) break;
  }
  return text;
}

/** A server may keep the stream open after its answer. */
function isWholeEvent(text: string): boolean {
  return parse(dataOf(text)) !== undefined;
}

/** The data of the first event that answers a request: the one with a result or an error. */
function dataOf(stream: string): string {
  const events = stream.split(/\r?\n\r?\n/).map((event) =>
    event
      .split(/\r?\n/)
      .filter((line) => line.startsWith('data:'))
      .map((line) => line.slice('data:'.length).trim())
      .join('\n'),
  );
  return events.find((data) => /"(?:result|error)"/.test(data)) ?? '';
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function problemOf(error: unknown): string {
  if (!(error instanceof Error)) return 'it does not answer';
  if (error.name === 'TimeoutError') return `it does not answer within ${TIMEOUT_MS / 1000} s`;
  const { code } = Object(error.cause);
  return typeof code === 'string' ? `it does not answer (${code})` : error.message;
}

/** A JSON object's members; none where it is something else. */
export function membersOf(json: unknown): Readonly<Record<string, unknown>> {
  return typeof json === 'object' && json !== null && !Array.isArray(json) ? { ...json } : {};
}

/** Strings of a member that should be a list of them. */
export function stringsOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [];
}

/**
 * What another server said, fit to be printed: short, and without what could steer a terminal.
 * @param secrets what the server was sent and might repeat
 */
export function said(value: unknown, secrets: readonly string[] = []): string {
  if (value === undefined) return 'nothing';
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  const told = secrets.reduce((before, secret) => before.replaceAll(secret, '...'), text);
  const plain = told.replaceAll(/[^\x20-\x7e]/g, '?');
  return plain.length > 200 ? `${plain.slice(0, 200)}…` : plain;
}

/** Whether an address may be used: https, or http that stays on this machine. */
export function isSafe(url: string): boolean {
  const parsed = URL.parse(url);
  if (parsed === null) return false;
  const { protocol, hostname } = parsed;
  const loopback = hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname);
  return protocol === 'https:' || (protocol === 'http:' && loopback);
}
