/** The mail server, as the settings name it. */
import { isMailAddress } from '../domain/mail-message.ts';
import type { SmtpSettings } from '../mail/smtp-transport.ts';
import type { Config } from './schema.ts';

const IMPLICIT_TLS_PORT = 465;
const SUBMISSION_PORT = 587;

/** Where mails are handed over; undefined where there is no mail server, or the settings do not name one. */
export function smtpSettings(config: Config): SmtpSettings | undefined {
  return smtpProblems(config).length > 0 ? undefined : read(config);
}

/** One line each, with what to change. */
export function smtpProblems(config: Config): readonly string[] {
  const { smtp_url: url, smtp_host: host, smtp_port, smtp_user, smtp_password, mail_from } = config;
  const parts = Object.entries({ smtp_host: host, smtp_port, smtp_user, smtp_password })
    .filter(([, value]) => value !== undefined)
    .map(([name]) => name);
  if (url === undefined && host === undefined) {
    return parts.map((name) => `${name} has no effect without smtp_host.`);
  }
  const problems: string[] = [];
  if (url !== undefined && parts.length > 0) {
    problems.push(`Set smtp_url, or smtp_host and its neighbours, not both: ${parts.join(', ')}.`);
  }
  if (url !== undefined && readUrl(url) === undefined) {
    problems.push(
      'smtp_url is not smtp:// or smtps:// with a host, and perhaps user, password and port; it has no path and no query.',
    );
  }
  if (smtp_user !== undefined && smtp_password === undefined) problems.push('smtp_user needs smtp_password.');
  if (readFrom(mail_from) === undefined) {
    problems.push(
      'mail_from is not an address such as no-reply@example.com or Example <no-reply@example.com>.',
    );
  }
  return problems;
}

function read(config: Config): SmtpSettings | undefined {
  const { smtp_url: url, smtp_host: host, smtp_port: port = SUBMISSION_PORT } = config;
  const from = readFrom(config.mail_from);
  const server =
    url !== undefined
      ? readUrl(url)
      : host !== undefined
        ? {
            host,
            port,
            implicitTls: port === IMPLICIT_TLS_PORT,
            user: config.smtp_user,
            password: config.smtp_password,
          }
        : undefined;
  return server === undefined || from === undefined ? undefined : { ...server, from };
}

type Server = Omit<SmtpSettings, 'from'>;

/** Read here and not by the mail client, which would take any of its options from the query. */
function readUrl(text: string): Server | undefined {
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  const implicitTls = url.protocol === 'smtps:';
  if (!implicitTls && url.protocol !== 'smtp:') return undefined;
  if (url.hostname === '' || url.search !== '' || url.hash !== '' || !['', '/'].includes(url.pathname))
    return undefined;
  const [user, password] = [decoded(url.username), decoded(url.password)];
  if (user === undefined || password === undefined) return undefined;
  return {
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? (implicitTls ? IMPLICIT_TLS_PORT : SUBMISSION_PORT) : Number(url.port),
    implicitTls,
    ...(user === '' ? {} : { user, password }),
  };
}

function decoded(part: string): string | undefined {
  try {
    return decodeURIComponent(part);
  } catch {
    return undefined;
  }
}

function readFrom(text: string | undefined): SmtpSettings['from'] | undefined {
  const named = /^([^<>"\p{Cc}]*)<([^<>]+)>$/u.exec(text ?? '');
  const address = named?.[2] ?? text ?? '';
  return isMailAddress(address) ? { name: named?.[1]?.trim() ?? '', address } : undefined;
}
