/** What `tessera login` keeps between commands: a file that only this user can read. */
import { chmodSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Environment } from './server-url.ts';

export interface StoredLogin {
  /** The issuer. */
  readonly url: string;
  readonly accessToken: string;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
  readonly refreshToken?: string;
}

/** `$XDG_CONFIG_HOME/tessera`, or where that is when it is not set. */
function configDirectory(environment: Environment): string {
  const xdg = environment['XDG_CONFIG_HOME'];
  // A relative one is to be ignored, says the XDG Base Directory Specification.
  const base = xdg?.startsWith('/') === true ? xdg : join(environment['HOME'] ?? homedir(), '.config');
  return join(base, 'tessera');
}

function loginFile(environment: Environment): string {
  return join(configDirectory(environment), 'login.json');
}

/** The login that is kept, if there is one that can be read. */
export function readLogin(environment: Environment): StoredLogin | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(readFileSync(loginFile(environment), 'utf8'));
  } catch {
    return undefined;
  }
  const { url, accessToken, expiresAt, refreshToken } = Object(parsed);
  if (typeof url !== 'string' || typeof accessToken !== 'string' || typeof expiresAt !== 'number')
    return undefined;
  return { url, accessToken, expiresAt, ...(typeof refreshToken === 'string' && { refreshToken }) };
}

/** Replaces the login in one step, so that a command that runs meanwhile reads the old one or the new one. */
export function writeLogin(environment: Environment, login: StoredLogin): void {
  const directory = configDirectory(environment);
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const path = loginFile(environment);
  const next = `${path}.${process.pid}`;
  writeFileSync(next, `${JSON.stringify(login, null, 2)}\n`, { mode: 0o600 });
  chmodSync(next, 0o600);
  renameSync(next, path);
}

export function forgetLogin(environment: Environment): void {
  rmSync(loginFile(environment), { force: true });
}
