/** Which Tessera a command speaks to, and which addresses may be given a token. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CommandError } from './command-error.ts';
import { EXIT } from './exit-code.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

export const STANDARD_URL = 'http://localhost:4400';

/** The directory in which a server of this machine leaves what the command line needs. */
export function dataDirectory(environment: Environment): string {
  return environment['TESSERA_DATA_DIR'] ?? './data';
}

/** The URL that a server of this machine left, if it did. */
export function localServerUrl(environment: Environment): string | undefined {
  try {
    const left: unknown = JSON.parse(readFileSync(join(dataDirectory(environment), 'server.json'), 'utf8'));
    const { url } = Object(left);
    return typeof url === 'string' ? safeUrl(url) : undefined;
  } catch {
    return undefined;
  }
}

/**
 * The URL without a slash at its end.
 * @throws CommandError for one that a token must not be sent to: http that leaves the machine
 */
export function safeUrl(text: string): string {
  const url = URL.parse(text);
  if (url === null || (url.protocol !== 'https:' && url.protocol !== 'http:') || url.username !== '') {
    throw new CommandError(EXIT.usage, `${text} is not the URL of a server.`);
  }
  if (url.protocol === 'http:' && !isLoopback(url.hostname)) {
    throw new CommandError(EXIT.usage, `${text} is not https: a token sent there could be read on the way.`);
  }
  return (url.origin + url.pathname).replace(/\/+$/, '');
}

function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname);
}
