/**
 * Server-sent events from one address: read message by message, taken up again where they broke off.
 * @spec HTML Living Standard §9.2.5, §9.2.6
 */
import { request as requestHttps } from 'node:https';
import type { Fetch } from './fetch-json.ts';

// `import` of it would load Node's fetch as well, for the names of WebSocket: a twentieth of a start.
const { request: requestHttp } = process.getBuiltinModule('node:http');

export interface ServerSentEvent {
  readonly event: string;
  readonly data: string;
}

export interface EventSourceOptions {
  /** Asked before each connection; rejects or gives undefined where there is none now. */
  address(): Promise<string | undefined>;
  readonly headers: Readonly<Record<string, string>>;
  /** Absent: Node's own client, whose connection does not keep the process alive. */
  readonly fetch: Fetch | undefined;
  onEvent(event: ServerSentEvent): void;
  /** The connection is gone, or was never there; it will be tried again. */
  onCut(): void;
}

export interface EventSource {
  close(): void;
}

const FIRST_RETRY_MS = 250;
const LONGEST_RETRY_MS = 10_000;
/** An issuer that has no stream, or not for us, is asked again this seldom. */
const NONE_RETRY_MS = 300_000;
/** Nothing for so long, not even a sign of life: the connection is not one any more. */
const SILENT_MS = 15_000;
const CONNECT_MS = 10_000;
const MAXIMUM_MESSAGE = 64 * 1024;

/** Connects at once, and again with growing pauses whenever the stream ends. */
export function openEventSource(options: EventSourceOptions): EventSource {
  return new ReconnectingEventSource(options);
}

class ReconnectingEventSource implements EventSource {
  readonly #options: EventSourceOptions;
  #lastEventId: string | undefined;
  #failures = 0;
  #abort = new AbortController();
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: EventSourceOptions) {
    this.#options = options;
    void this.#run();
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#abort.abort();
  }

  async #run(): Promise<void> {
    let pause: number | undefined;
    try {
      pause = await this.#connect();
    } catch {
      this.#failures += 1;
    }
    if (this.#closed) return;
    this.#options.onCut();
    // Spread, so that the readers of a server that came back do not all arrive at once.
    const longest = Math.min(FIRST_RETRY_MS * 2 ** Math.min(this.#failures, 10), LONGEST_RETRY_MS);
    pause ??= longest * (0.5 + Math.random() / 2);
    this.#timer = setTimeout(() => void this.#run(), pause);
    this.#timer.unref();
  }

  /** Until the stream ends. @returns how long to wait before the next try, where that is not for the failures to say */
  async #connect(): Promise<number | undefined> {
    const url = await this.#options.address();
    if (url === undefined || this.#closed) return NONE_RETRY_MS;
    this.#abort = new AbortController();
    const watch = setTimeout(() => this.#abort.abort(), CONNECT_MS);
    watch.unref();
    try {
      const headers = {
        accept: 'text/event-stream',
        'cache-control': 'no-cache',
        ...this.#options.headers,
        ...(this.#lastEventId === undefined ? {} : { 'last-event-id': this.#lastEventId }),
      };
      const { status, body } = await openStream(url, headers, this.#abort.signal, this.#options.fetch);
      // Credentials that are not good now may be later; until then every try costs the issuer a check.
      if (status >= 400 && status < 500 && status !== 429) return NONE_RETRY_MS / 10;
      if (status !== 200) throw new Error(`the stream of events answered ${status}`);
      await this.#read(body, watch);
      return undefined;
    } finally {
      clearTimeout(watch);
      this.#abort.abort();
    }
  }

  async #read(body: AsyncIterable<Uint8Array>, connecting: NodeJS.Timeout): Promise<void> {
    clearTimeout(connecting);
    const silence = setTimeout(() => this.#abort.abort(), SILENT_MS);
    silence.unref();
    const decoder = new TextDecoder('utf-8');
    let text = '';
    try {
      for await (const chunk of body) {
        silence.refresh();
        this.#failures = 0;
        text = (text + decoder.decode(chunk, { stream: true })).replaceAll('\r\n', '\n');
        for (let end = text.indexOf('\n\n'); end !== -1; end = text.indexOf('\n\n')) {
          this.#dispatch(text.slice(0, end));
          text = text.slice(end + 2);
        }
        if (text.length > MAXIMUM_MESSAGE) throw new Error('an event is too large');
      }
    } finally {
      clearTimeout(silence);
    }
  }

  #dispatch(message: string): void {
    let event = 'message';
    let data: string | undefined;
    let id: string | undefined;
    for (const line of message.split('\n')) {
      const colon = line.indexOf(':');
      if (colon === 0) continue;
      const field = colon === -1 ? line : line.slice(0, colon);
      const value = colon === -1 ? '' : line.slice(colon + 1).replace(/^ /, '');
      if (field === 'event') event = value;
      else if (field === 'data') data = data === undefined ? value : `${data}\n${value}`;
      else if (field === 'id' && !value.includes('\0')) id = value;
    }
    if (data !== undefined) this.#options.onEvent({ event, data });
    // Only now: whoever is cut off while it is handled hears of it again.
    if (id !== undefined) this.#lastEventId = id;
  }
}

interface OpenStream {
  readonly status: number;
  readonly body: AsyncIterable<Uint8Array>;
}

async function openStream(
  url: string,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal,
  fetch: Fetch | undefined,
): Promise<OpenStream> {
  if (fetch === undefined) return openWithNode(url, headers, signal);
  const { status, body } = await fetch(url, { headers, signal, redirect: 'manual' });
  return { status, body: body ?? empty() };
}

async function* empty(): AsyncGenerator<Uint8Array> {}

function openWithNode(
  url: string,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<OpenStream> {
  return new Promise((resolve, reject) => {
    const ask = url.startsWith('https:') ? requestHttps : requestHttp;
    const request = ask(url, { headers, signal, agent: false }, (response) =>
      resolve({ status: response.statusCode ?? 0, body: response }),
    );
    request.on('socket', (socket) => socket.unref());
    request.on('error', reject);
    request.end();
  });
}
