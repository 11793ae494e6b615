/**
 * Tokens that are bound to a certificate: good only on connections that were opened with it.
 * @spec RFC 8705 §3; RFC 9440 §2
 */
import { X509Certificate } from 'node:crypto';
import { certificateThumbprint, parseClientCertHeader } from '@tessera/tokens';
import { isHeaders } from './bearer.ts';
import type { PresentedRequest } from './bearer.ts';
import type { Clock } from './clock.ts';
import { TokenError } from './token-error.ts';
import { createTrustedPeers } from './trusted-peers.ts';

export interface MutualTlsOptions {
  /**
   * Addresses and networks of the proxies that ask for certificates in place of this API and pass them on in the
   * header `Client-Cert`. From everybody else the header counts as absent.
   */
  readonly clientCertHeaderFrom?: readonly string[];
}

/** @throws TokenError unless the connection of the request was opened with the certificate of this thumbprint */
export type RequireCertificate = (request: PresentedRequest | undefined, thumbprint: string) => void;

interface ShownCertificate {
  readonly thumbprint: string;
  /** Milliseconds. */
  readonly from: number;
  readonly to: number;
}

/** @throws TypeError for a proxy that is neither an address nor a network */
export function createCertificateCheck(options: MutualTlsOptions, clock: Clock): RequireCertificate {
  const { clientCertHeaderFrom: proxies } = options;
  const isProxy = proxies === undefined ? undefined : createTrustedPeers(proxies);
  const bySocket = new WeakMap<object, ShownCertificate>();

  function shownBy(request: PresentedRequest): ShownCertificate | undefined {
    const { socket } = request;
    if (socket === undefined) return undefined;
    if (isProxy?.(addressOf(socket)) === true) return fromHeader(request.headers);
    let shown = bySocket.get(socket);
    if (shown === undefined) {
      const certificate = peerCertificate(socket);
      if (certificate === undefined) return undefined;
      shown = toShown(certificate);
      bySocket.set(socket, shown);
    }
    return shown;
  }

  return (request, thumbprint) => {
    const shown = request === undefined ? undefined : shownBy(request);
    if (shown === undefined) throw new TokenError('missing_certificate');
    const now = clock();
    const isInForce = shown.from <= now && now < shown.to;
    if (shown.thumbprint !== thumbprint || !isInForce) throw new TokenError('wrong_certificate');
  };
}

function addressOf(socket: object): string | undefined {
  return 'remoteAddress' in socket && typeof socket.remoteAddress === 'string'
    ? socket.remoteAddress
    : undefined;
}

/** Of Node's TLS socket; others have none. That the peer holds the private key, the handshake has proven. */
function peerCertificate(socket: object): X509Certificate | undefined {
  if (!('getPeerX509Certificate' in socket) || typeof socket.getPeerX509Certificate !== 'function') {
    return undefined;
  }
  const certificate: unknown = socket.getPeerX509Certificate();
  return certificate instanceof X509Certificate ? certificate : undefined;
}

/** Undefined for none, for several, and for what is no certificate. */
function fromHeader(headers: PresentedRequest['headers']): ShownCertificate | undefined {
  const value = isHeaders(headers) ? headers.get('client-cert') : headers['client-cert'];
  const der = typeof value === 'string' ? parseClientCertHeader(value) : undefined;
  if (der === undefined) return undefined;
  try {
    const certificate = new X509Certificate(der);
    return certificate.raw.equals(der) ? toShown(certificate) : undefined;
  } catch {
    return undefined;
  }
}

function toShown({ raw, validFromDate, validToDate }: X509Certificate): ShownCertificate {
  return {
    thumbprint: certificateThumbprint(raw),
    from: validFromDate.getTime(),
    to: validToDate.getTime(),
  };
}
