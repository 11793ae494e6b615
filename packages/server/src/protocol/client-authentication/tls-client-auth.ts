/**
 * By certificate. `tls_client_auth`: one that an authority of the operator vouches for and that names the registered
 * subject. `self_signed_tls_client_auth`: one that the client registered among its keys, whoever signed it.
 * @spec RFC 8705 §2.1 and §2.2
 */
import type { X509Certificate } from 'node:crypto';
import type { ClientCertificate } from '../../domain/client-certificate.ts';
import type { Client } from '../../domain/client.ts';
import type { ClientKeys } from '../../ports/client-keys.ts';
import { isSameName, parseCertificateSubject, parseDistinguishedName } from '../distinguished-name.ts';

/** @param at milliseconds */
export function isCertificateOf(
  client: Client,
  certificate: ClientCertificate,
  at: number,
  clientKeys: ClientKeys,
): boolean | Promise<boolean> {
  const { validFromDate, validToDate } = certificate.x509;
  if (at < validFromDate.getTime() || at >= validToDate.getTime()) return false;
  return client.tokenEndpointAuthMethod === 'tls_client_auth'
    ? isVouchedSubject(certificate, client)
    : clientKeys.hasCertificate(client, certificate.x509, at);
}

function isVouchedSubject({ x509, vouchedFor }: ClientCertificate, { metadata }: Client): boolean {
  if (!vouchedFor) return false;
  const {
    tls_client_auth_subject_dn: dn,
    tls_client_auth_san_dns: dns,
    tls_client_auth_san_uri: uri,
    tls_client_auth_san_ip: ip,
    tls_client_auth_san_email: email,
  } = metadata;
  if (dn !== undefined) return hasSubject(x509, dn);
  if (dns !== undefined) return isOneOf(x509, 'DNS', dns.toLowerCase());
  if (uri !== undefined) return isOneOf(x509, 'URI', uri);
  if (ip !== undefined) return x509.checkIP(ip) !== undefined;
  return email !== undefined && x509.checkEmail(email, { subject: 'never' }) !== undefined;
}

function hasSubject(x509: X509Certificate, registered: string): boolean {
  const expected = parseDistinguishedName(registered);
  // oxlint-disable-next-line typescript/no-unnecessary-condition -- a certificate may have no subject
  const subject = parseCertificateSubject(x509.subject ?? '');
  return expected !== undefined && subject !== undefined && isSameName(expected, subject);
}

/** Names of one kind; a wildcard is a name like any other and stands for nobody else. */
function isOneOf(x509: X509Certificate, kind: 'DNS' | 'URI', name: string): boolean {
  // Node writes a value that holds anything special as a JSON string (CVE-2021-44532).
  const entry = /(?:^|, )([A-Za-z ]+):(?:("(?:[^"\\]|\\.)*")|([^,"]*))/gy;
  for (const [, label, quoted, plain = ''] of (x509.subjectAltName ?? '').matchAll(entry)) {
    const value: unknown = quoted === undefined ? plain : JSON.parse(quoted);
    if (label !== kind || typeof value !== 'string') continue;
    if ((kind === 'DNS' ? value.toLowerCase() : value) === name) return true;
  }
  return false;
}
