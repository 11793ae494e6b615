/**
 * The headers of a request for the upstream: what callers may say, and then what the gateway says. Ours come last and
 * alone, so nothing a caller writes can stand in for them or have them dropped.
 * @spec RFC 9110 §7.6; RFC 9112 §9.6
 */
import type { IncomingMessage } from 'node:http';
import type { Caller } from './caller.ts';
import type { IsForbidden } from './forbidden-headers.ts';

export interface RequestHeaderRules {
  readonly isForbidden: IsForbidden;
  readonly preserveHost: boolean;
  /** Takes tokens out of the value of a header, whose name is in lower case. */
  readonly headerWithout?: (name: string, value: string) => string;
}

/** Names and values in turn. */
export type HeaderList = string[];

export function headersForUpstream(
  request: IncomingMessage,
  caller: Caller,
  { isForbidden, preserveHost, headerWithout }: RequestHeaderRules,
): HeaderList {
  const { rawHeaders } = request;
  const named = namedByConnection(request.headers.connection);
  const list: HeaderList = [];
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const raw = rawHeaders[index] ?? '';
    const name = raw.toLowerCase();
    if (name === 'host' || isForbidden(name) || named?.has(name) === true) continue;
    const sent = rawHeaders[index + 1] ?? '';
    const value = headerWithout === undefined ? sent : headerWithout(name, sent);
    if (name === 'cookie') addCookies(list, value);
    else list.push(raw, value);
  }
  if (preserveHost) list.push('host', caller.host);
  list.push('x-forwarded-for', caller.forwardedFor);
  list.push('x-forwarded-proto', caller.scheme, 'x-forwarded-host', caller.host);
  return list;
}

/** Headers that the caller declares to be for this connection only; its own, never ours. */
function namedByConnection(connection: string | undefined): ReadonlySet<string> | undefined {
  if (connection === undefined || connection === 'keep-alive' || connection === 'close') return undefined;
  return new Set(connection.split(',').map((name) => name.trim().toLowerCase()));
}

/** Tessera's own sessions are for Tessera alone. */
const OWN_COOKIE = /^(?:__Host-)?tessera-/;

function addCookies(list: HeaderList, value: string): void {
  if (value === '') return;
  if (!value.includes('tessera-')) return void list.push('cookie', value);
  const others = value.split(';').filter((one) => !OWN_COOKIE.test(one.trim()));
  if (others.length > 0) list.push('cookie', others.join(';').trim());
}

/** Of the upstream's answer, without what is for its connection only. */
export function headersForCaller(
  headers: Readonly<Record<string, string | string[] | undefined>>,
  isHopByHop: ReadonlySet<string>,
): HeaderList {
  const named = namedByConnection(textOf(headers['connection']));
  const list: HeaderList = [];
  for (const name in headers) {
    if (isHopByHop.has(name) || named?.has(name) === true) continue;
    const value = headers[name];
    if (typeof value === 'string') list.push(name, value);
    else for (const one of value ?? []) list.push(name, one);
  }
  return list;
}

function textOf(value: string | string[] | undefined): string | undefined {
  return typeof value === 'string' ? value : value?.join(',');
}
