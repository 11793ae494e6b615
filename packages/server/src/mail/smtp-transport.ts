/**
 * Hands mails to a mail server. Over the network only by TLS: implicit, or STARTTLS that must succeed.
 * @spec RFC 5321, RFC 3207, RFC 8314 §3, RFC 3834 §5 (Auto-Submitted)
 */
import { isIP } from 'node:net';
import type { Transporter } from 'nodemailer';
import type { MailMessage } from '../domain/mail-message.ts';
import { MailRefused, type MailTransport } from './mail-transport.ts';

export interface SmtpSettings {
  readonly host: string;
  readonly port: number;
  /** TLS from the first byte. False: STARTTLS, except on loopback, where nothing is encrypted. */
  readonly implicitTls: boolean;
  readonly user?: string | undefined;
  readonly password?: string | undefined;
  readonly from: { readonly name: string; readonly address: string };
}

/**
 * The client is loaded with the first mail.
 * @param ownHost the name this server calls itself by, also in Message-IDs
 */
export function createSmtpTransport(settings: SmtpSettings, ownHost: string): MailTransport {
  let transporter: Promise<Transporter> | undefined;
  return {
    async send(mail, signal) {
      transporter ??= connectTo(settings, ownHost);
      const smtp = await transporter;
      try {
        await smtp.sendMail({ ...written(mail, settings, ownHost), signal });
      } catch (error) {
        throw refusalIn(error) ?? failureIn(error);
      }
    },
  };
}

async function connectTo(settings: SmtpSettings, ownHost: string): Promise<Transporter> {
  const { createTransport } = await import('nodemailer');
  const { host, port, implicitTls, user, password } = settings;
  const onLoopback = isLoopbackHost(host);
  return createTransport({
    host,
    port,
    name: ownHost,
    secure: implicitTls,
    requireTLS: !implicitTls && !onLoopback,
    ignoreTLS: !implicitTls && onLoopback,
    tls: { minVersion: 'TLSv1.2' },
    connectionTimeout: 10_000,
    greetingTimeout: 10_000,
    socketTimeout: 30_000,
    disableFileAccess: true,
    disableUrlAccess: true,
    ...(user === undefined ? {} : { auth: { user, pass: password ?? '' } }),
  });
}

function written(mail: MailMessage, { from }: SmtpSettings, ownHost: string) {
  return {
    from,
    // As an object: a text would be parsed, and might come out as another address or several.
    to: { name: '', address: mail.to },
    envelope: { from: from.address, to: [mail.to] },
    subject: mail.subject,
    text: mail.text,
    messageId: `<${mail.id}@${ownHost}>`,
    headers: { 'Auto-Submitted': 'auto-generated' },
  };
}

/** This machine itself: nobody listens on the way. */
export function isLoopbackHost(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}

/** What the client says of a failure, if it was one of its own. */
interface SmtpError {
  readonly code?: unknown;
  readonly responseCode?: unknown;
  readonly command?: unknown;
}

/** The answer was final, and about this mail: its recipient or its contents, not our sign-in there. */
function refusalIn(error: unknown): MailRefused | undefined {
  const { code, responseCode, command } = error as SmtpError;
  if (typeof responseCode !== 'number' || responseCode < 500) return undefined;
  const isOfThisMail = (code === 'EENVELOPE' && command === 'RCPT TO') || code === 'EMESSAGE';
  return isOfThisMail ? new MailRefused(`${code} ${responseCode}`) : undefined;
}

/** What the log may hold: servers quote addresses in their answers. */
function failureIn(error: unknown): Error {
  const { code, responseCode } = error as SmtpError;
  const reason = [code, responseCode].filter((part) => typeof part === 'string' || typeof part === 'number');
  return new Error(`the mail server could not be used: ${reason.join(' ') || 'no reason given'}`);
}
