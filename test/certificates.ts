// Certificates for tests, made on the spot, and a fetch that opens its connections with one.
import 'reflect-metadata';
import { X509Certificate as Parsed } from 'node:crypto';
import { request as httpsRequest } from 'node:https';
import * as x509 from '@peculiar/x509';

/** A certificate and its private key, in PEM, and what a client registers of it. */
export interface Identity {
  readonly cert: string;
  readonly key: string;
  readonly der: Buffer;
  /** RFC 8705 §3.1. */
  readonly thumbprint: string;
  /** With the certificate in `x5c` (RFC 8705 §2.2.2). */
  readonly jwk: Readonly<Record<string, unknown>>;
}

export interface CertificateDetails {
  /** As RFC 4514 writes it; `CN=client` unless given. */
  readonly subject?: string;
  readonly names?: readonly { readonly type: 'dns' | 'url' | 'ip' | 'email'; readonly value: string }[];
  readonly notBefore?: Date;
  readonly notAfter?: Date;
  /** Extended key usages, by OID. */
  readonly uses?: readonly string[];
}

export interface Authority {
  /** PEM. */
  readonly cert: string;
  issue(details?: CertificateDetails): Promise<Identity>;
}

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const DAY_MS = 86_400_000;

type Keys = { readonly publicKey: CryptoKey; readonly privateKey: CryptoKey };

function newKeys(): Promise<Keys> {
  return crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
}

export async function createAuthority(name = 'CN=Test Authority'): Promise<Authority> {
  const keys = await newKeys();
  const own = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: serial(),
    name,
    notBefore: new Date(Date.now() - DAY_MS),
    notAfter: new Date(Date.now() + 365 * DAY_MS),
    signingAlgorithm: ALGORITHM,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
    ],
  });
  return {
    cert: own.toString('pem'),
    async issue(details = {}) {
      const held = await newKeys();
      const certificate = await x509.X509CertificateGenerator.create({
        ...common(details),
        issuer: own.subject,
        publicKey: held.publicKey,
        signingKey: keys.privateKey,
      });
      return toIdentity(certificate, held);
    },
  };
}

export async function selfSigned(details: CertificateDetails = {}): Promise<Identity> {
  const keys = await newKeys();
  const { subject: name, ...rest } = common(details);
  return toIdentity(await x509.X509CertificateGenerator.createSelfSigned({ ...rest, name, keys }), keys);
}

function common({ subject = 'CN=client', names = [], notBefore, notAfter, uses }: CertificateDetails) {
  return {
    serialNumber: serial(),
    subject,
    notBefore: notBefore ?? new Date(Date.now() - DAY_MS),
    notAfter: notAfter ?? new Date(Date.now() + 30 * DAY_MS),
    signingAlgorithm: ALGORITHM,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      ...(names.length === 0 ? [] : [new x509.SubjectAlternativeNameExtension([...names])]),
      ...(uses === undefined ? [] : [new x509.ExtendedKeyUsageExtension([...uses])]),
    ],
  };
}

function serial(): string {
  return Buffer.from(
    crypto.getRandomValues(new Uint8Array(8)).map((byte, index) => (index === 0 ? byte & 0x7f : byte)),
  ).toString('hex');
}

async function toIdentity(certificate: x509.X509Certificate, keys: Keys): Promise<Identity> {
  const pkcs8 = Buffer.from(await crypto.subtle.exportKey('pkcs8', keys.privateKey)).toString('base64');
  const parsed = new Parsed(certificate.toString('pem'));
  return {
    cert: certificate.toString('pem'),
    key: `-----BEGIN PRIVATE KEY-----\n${pkcs8.replace(/.{64}/g, '$&\n').trimEnd()}\n-----END PRIVATE KEY-----\n`,
    der: parsed.raw,
    thumbprint: Buffer.from(parsed.fingerprint256.replaceAll(':', ''), 'hex').toString('base64url'),
    jwk: { ...parsed.publicKey.export({ format: 'jwk' }), x5c: [parsed.raw.toString('base64')] },
  };
}

/** The value of the `Client-Cert` header (RFC 9440 §2.1). */
export function clientCertHeader({ der }: Pick<Identity, 'der'>): string {
  return `:${der.toString('base64')}:`;
}

/** @param identity absent: a connection without a certificate @param ca PEM of whom to trust */
export function fetchWith(identity: Pick<Identity, 'cert' | 'key'> | undefined, ca: string): typeof fetch {
  return async (input, init) => {
    const request = new Request(input, init);
    const body = Buffer.from(await request.arrayBuffer());
    return new Promise((resolve, reject) => {
      const call = httpsRequest(
        request.url,
        {
          method: request.method,
          headers: { ...Object.fromEntries(request.headers), 'content-length': body.length },
          ca,
          agent: false,
          ...(identity === undefined ? {} : { cert: identity.cert, key: identity.key }),
        },
        (answer) => {
          const chunks: Buffer[] = [];
          answer.on('data', (chunk: Buffer) => chunks.push(chunk));
          answer.on('error', reject);
          answer.on('end', () => {
            const headers = new Headers();
            for (const [name, value] of Object.entries(answer.headers)) headers.set(name, String(value));
            const text = Buffer.concat(chunks);
            const { statusCode: status = 0 } = answer;
            resolve(new Response(text.length === 0 ? null : text, { status, headers }));
          });
        },
      );
      call.on('error', reject);
      call.end(body);
    });
  };
}
