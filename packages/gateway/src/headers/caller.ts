/**
 * Who called, and by which address: what the connection says, and what proxies in front say where they are believed.
 * @spec RFC 7239 §4 (of the same facts); RFC 9110 §7.2
 */
import type { IncomingMessage } from 'node:http';
import { GatewayError } from '../refusal.ts';

export interface Caller {
  /** Scheme and host as the caller wrote them. */
  readonly origin: string;
  readonly scheme: string;
  /** With its port, if one was written. */
  readonly host: string;
  /** The address at the other end of the connection. */
  readonly peer: string;
  /** For `X-Forwarded-For`: the peer, after what a trusted proxy says came before it. */
  readonly forwardedFor: string;
}

/** @throws GatewayError `ambiguous_framing` for a Host header that is none */
export type ReadCaller = (request: IncomingMessage) => Caller;

const HOST = /^(?:[A-Za-z0-9_](?:[\w.-]*[\w])?\.?|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?$/;

/** @param publicUrl how callers reach the gateway, whatever their requests say */
export function createCallerReader(
  isTrusted: (address: string | undefined) => boolean,
  publicUrl: string | undefined,
): ReadCaller {
  const known = publicUrl === undefined ? undefined : new URL(publicUrl);
  return ({ headers, socket }) => {
    const peer = (socket.remoteAddress ?? '').replace(/^::ffff:(?=\d+\.)/, '');
    const trusted = isTrusted(peer);
    const scheme =
      (trusted ? forwardedScheme(headers['x-forwarded-proto']) : undefined) ??
      ('encrypted' in socket && socket.encrypted === true ? 'https' : 'http');
    const host = (trusted ? single(headers['x-forwarded-host']) : undefined) ?? headers.host ?? '';
    if (!HOST.test(host)) throw new GatewayError('ambiguous_framing', { connection: 'close' });
    const before = trusted ? single(headers['x-forwarded-for']) : undefined;
    return {
      origin: known?.origin ?? `${scheme}://${host}`,
      scheme: known?.protocol.slice(0, -1) ?? scheme,
      host: known?.host ?? host,
      peer,
      forwardedFor: before === undefined ? peer : `${before}, ${peer}`,
    };
  };
}

function forwardedScheme(value: string | readonly string[] | undefined): string | undefined {
  const scheme = single(value);
  return scheme === 'https' || scheme === 'http' ? scheme : undefined;
}

/** Node joins repeated headers with commas, except those it does not know, which are lists here. */
function single(value: string | readonly string[] | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
