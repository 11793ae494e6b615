/** The one HTTP client of the server. It asks strangers, so it trusts neither their names nor their answers. */
import type { ClientRequest, IncomingMessage } from 'node:http';
import { request as requestHttps } from 'node:https';
import type { LookupFunction } from 'node:net';
import type { Clock } from '../ports/clock.ts';
import {
  type Outbound,
  type OutboundAnswer,
  type OutboundLimits,
  OutboundRefusal,
} from '../ports/outbound.ts';
import type { Tracing } from '../ports/tracing.ts';
import {
  type Address,
  type Destination,
  findAddresses,
  readDestination,
  type Resolve,
  resolveName,
} from './destination.ts';
import { createTraffic, TRAFFIC_LIMITS, type TrafficLimits } from './traffic.ts';

// `import` of it would load Node's fetch as well, for the names of WebSocket: a twentieth of a start.
const { request: requestHttp } = process.getBuiltinModule('node:http');

export interface OutboundSettings {
  readonly clock: Clock;
  /** `host` or `host:port`; opens private addresses and http there. */
  readonly allowHosts?: readonly string[];
  readonly resolve?: Resolve;
  readonly traffic?: TrafficLimits;
  readonly tracing?: Tracing;
}

const MAX_BYTES = 65_536;
const TIMEOUT_MS = 5000;
const MAX_HEADER_BYTES = 16_384;

interface Message {
  readonly method: 'GET' | 'POST';
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

export function createOutbound(settings: OutboundSettings): Outbound {
  const { clock, resolve = resolveName } = settings;
  const allowHosts = new Set(settings.allowHosts);
  const traffic = createTraffic(settings.traffic ?? TRAFFIC_LIMITS, clock);
  const send = async (url: string, message: Message, limits: OutboundLimits): Promise<OutboundAnswer> => {
    const destination = readDestination(url, allowHosts);
    const leave = destination.allowed ? () => {} : traffic.enter(destination.url.origin);
    if (leave === undefined) throw new OutboundRefusal('busy');
    try {
      return await withinTime(limits.timeoutMs ?? TIMEOUT_MS, async (signal) => {
        const addresses = await findAddresses(destination, resolve);
        signal.throwIfAborted();
        return await exchange(destination, addresses, message, limits, signal);
      });
    } finally {
      leave();
    }
  };
  const { tracing } = settings;
  const traced: typeof send = (url, message, limits) =>
    tracing === undefined
      ? send(url, message, limits)
      : tracing.span(`outbound ${message.method}`, whereTo(url, message), () => send(url, message, limits));
  return {
    get: (url, limits = {}) => traced(url, { method: 'GET', headers: commonHeaders(limits) }, limits),
    post: (url, body, contentType, limits = {}) =>
      traced(
        url,
        {
          method: 'POST',
          headers: {
            ...commonHeaders(limits),
            'content-type': contentType,
            'content-length': String(Buffer.byteLength(body)),
          },
          body,
        },
        limits,
      ),
  };
}

/** The host alone: a path or a query may be what nobody else is to know. */
function whereTo(url: string, { method }: Message): Record<string, string> {
  const host = URL.parse(url)?.hostname ?? '';
  return { 'http.request.method': method, 'server.address': host };
}

/** No compression: a small answer could be a large one. */
function commonHeaders(limits: OutboundLimits): Record<string, string> {
  return {
    accept: limits.accept ?? 'application/json',
    'accept-encoding': 'identity',
    'user-agent': 'Tessera',
    ...(limits.authorization === undefined ? {} : { authorization: limits.authorization }),
  };
}

/** One deadline for the whole; the name's lookup cannot be stopped, but nobody waits for it. */
async function withinTime<T>(timeoutMs: number, run: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const stop = new AbortController();
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    const refusal = new OutboundRefusal('timeout');
    stop.abort(refusal);
    late.reject(refusal);
  }, timeoutMs);
  try {
    return await Promise.race([run(stop.signal), late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

function exchange(
  { url }: Destination,
  addresses: readonly Address[],
  message: Message,
  limits: OutboundLimits,
  signal: AbortSignal,
): Promise<OutboundAnswer> {
  return new Promise((resolve, reject) => {
    const open = url.protocol === 'https:' ? requestHttps : requestHttp;
    const request: ClientRequest = open(url, {
      method: message.method,
      headers: message.headers,
      // A connection of its own, closed afterwards: the next request resolves and checks again.
      agent: false,
      lookup: pinnedTo(addresses),
      maxHeaderSize: MAX_HEADER_BYTES,
    });
    const end = (error: unknown): void => {
      reject(error instanceof OutboundRefusal ? error : new OutboundRefusal('unreachable'));
      request.destroy();
    };
    signal.addEventListener('abort', () => end(signal.reason), { once: true });
    request.on('error', end);
    request.on('response', (response) => {
      readAnswer(response, limits.maxBytes ?? MAX_BYTES).then(resolve, end);
    });
    request.end(message.body);
  });
}

/** What was checked is what is connected to: the name is not asked again. */
function pinnedTo(addresses: readonly Address[]): LookupFunction {
  return (_host, options, answer) => {
    const [first] = addresses;
    if (options.all === true) answer(null, [...addresses]);
    else answer(null, first?.address ?? '', first?.family ?? 0);
  };
}

/** @throws OutboundRefusal */
async function readAnswer(response: IncomingMessage, maxBytes: number): Promise<OutboundAnswer> {
  const status = response.statusCode ?? 0;
  if (status >= 300 && status < 400) throw new OutboundRefusal('redirect');
  const encoding = response.headers['content-encoding'] ?? 'identity';
  if (encoding !== 'identity') throw new OutboundRefusal('unreachable');
  if (Number(response.headers['content-length'] ?? 0) > maxBytes) throw new OutboundRefusal('too_large');
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response as AsyncIterable<Uint8Array>) {
    size += chunk.length;
    if (size > maxBytes) throw new OutboundRefusal('too_large');
    chunks.push(chunk);
  }
  return { status, headers: toHeaders(response), body: Buffer.concat(chunks) };
}

function toHeaders({ headersDistinct }: IncomingMessage): Headers {
  const headers = new Headers();
  for (const [name, values = []] of Object.entries(headersDistinct)) {
    for (const value of values) headers.append(name, value);
  }
  return headers;
}
