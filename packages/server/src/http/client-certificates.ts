/**
 * The certificates of clients: from a listener that asks for them, or from a proxy that passes them on.
 * @spec RFC 8705 §2, RFC 9440 §2, RFC 5280 §4.2.1.9 and §4.2.1.12
 */
import { X509Certificate } from 'node:crypto';
import { createServer, type Server } from 'node:https';
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { certificateThumbprint, parseClientCertHeader } from '@tessera/tokens';
import { createTrustedPeers } from '@tessera/verifier';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { ClientCertificate } from '../domain/client-certificate.ts';
import type { Clock } from '../ports/clock.ts';
import { OAuthError } from '../protocol/oauth-error.ts';
import {
  limitConnections,
  type ListenerLimits,
  listenerOptions,
  refuseBroken,
  USUAL_LIMITS,
} from './listener-limits.ts';

export interface ClientCertificateSettings {
  readonly clock: Clock;
  /** PEM of the authorities that vouch for certificates; absent: nobody does. */
  readonly authorities?: string;
  /** Addresses and networks of the proxies whose `Client-Cert` header is believed; absent: nobody's is. */
  readonly headerFrom?: readonly string[];
}

export interface ClientCertificates {
  readonly hasAuthorities: boolean;
  /** @throws OAuthError `invalid_request` for a header that a trusted proxy sent and nobody can read */
  of(request: FastifyRequest): ClientCertificate | undefined;
  /** A server that asks everybody for a certificate, and takes whatever comes: it is judged where it is used. */
  listener(
    tls: { readonly cert: string; readonly key: string },
    app: FastifyInstance,
    paths: readonly string[],
    limits?: ListenerLimits,
  ): Server;
}

const PEM = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g;
const CLIENT_AUTHENTICATION = '1.3.6.1.5.5.7.3.2';
const ANY_USE = '2.5.29.37.0';

export function createClientCertificates(settings: ClientCertificateSettings): ClientCertificates {
  const { clock, authorities: pem, headerFrom } = settings;
  const authorities = (pem?.match(PEM) ?? []).map((one) => new X509Certificate(one));
  const isTrusted = headerFrom === undefined ? undefined : createTrustedPeers(headerFrom);
  const bySocket = new WeakMap<Socket, ClientCertificate>();
  return {
    hasAuthorities: authorities.length > 0,
    of(request) {
      const { socket } = request.raw;
      const shown = bySocket.get(socket);
      if (shown !== undefined || isTrusted === undefined || !isTrusted(socket.remoteAddress)) return shown;
      const header = request.headers['client-cert'];
      return header === undefined ? undefined : fromHeader(String(header), authorities, clock());
    },
    listener(tls, app, paths, limits = USUAL_LIMITS) {
      const server = createServer(
        {
          ...listenerOptions(limits),
          cert: tls.cert,
          key: tls.key,
          ...(pem === undefined ? {} : { ca: pem }),
          requestCert: true,
          rejectUnauthorized: false,
        },
        (request, response) => {
          const [path = ''] = (request.url ?? '').split('?', 1);
          if (paths.includes(path)) return app.routing(request, response);
          response.writeHead(404, { 'content-type': 'application/json' });
          const description = `Certificates are taken at ${paths.join(', ')} only`;
          return response.end(JSON.stringify({ error: 'invalid_request', error_description: description }));
        },
      );
      limitConnections(server, limits);
      server.on('clientError', refuseBroken);
      server.on('secureConnection', (socket: TLSSocket) => {
        const x509 = socket.getPeerX509Certificate();
        // Without authorities of the operator, Node would ask those of the public web.
        const vouchedFor = authorities.length > 0 && socket.authorized;
        if (x509 !== undefined) bySocket.set(socket, toClientCertificate(x509, vouchedFor));
      });
      return server;
    },
  };
}

/** A header is no list: a proxy that found one there and added its own is not set up to take the client's away. */
function fromHeader(header: string, authorities: readonly X509Certificate[], at: number): ClientCertificate {
  try {
    const der = parseClientCertHeader(header);
    if (der !== undefined) {
      const x509 = new X509Certificate(der);
      if (x509.raw.equals(der)) return toClientCertificate(x509, isVouchedFor(x509, authorities, at));
    }
  } catch {
    // Not a certificate: told below, like anything else.
  }
  throw new OAuthError('invalid_request', 'The Client-Cert header does not hold one certificate (RFC 9440)');
}

function toClientCertificate(x509: X509Certificate, vouchedFor: boolean): ClientCertificate {
  return { x509, thumbprint: certificateThumbprint(x509.raw), vouchedFor };
}

/**
 * Behind a proxy nobody has looked at the chain for us. One step is enough to look at ourselves: the certificate was
 * issued by one of the named authorities, intermediate ones being named like all others.
 */
function isVouchedFor(x509: X509Certificate, authorities: readonly X509Certificate[], at: number): boolean {
  // oxlint-disable-next-line typescript/no-unnecessary-condition -- absent where the certificate does not say
  const uses: readonly string[] = x509.keyUsage ?? [CLIENT_AUTHENTICATION];
  if (x509.ca || !(uses.includes(CLIENT_AUTHENTICATION) || uses.includes(ANY_USE))) return false;
  return authorities.some(
    (authority) =>
      authority.ca &&
      authority.validFromDate.getTime() <= at &&
      at < authority.validToDate.getTime() &&
      x509.checkIssued(authority) &&
      x509.verify(authority.publicKey),
  );
}
