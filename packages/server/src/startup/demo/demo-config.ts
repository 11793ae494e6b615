/** The settings of the demo: everything is allowed that would be a decision in production. */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { type Config, ConfigError, type LoadedConfig, loadConfig } from '../../config.ts';
import { readOwnMasterKey } from '../master-key.ts';

/** What the command line may say of them. */
export interface DemoSettings {
  /** 0 takes any free port; so for the others. */
  readonly port?: number | undefined;
  readonly metricsPort?: number | undefined;
  readonly data?: string | undefined;
}

/** @param node what one node of several has for itself @throws ConfigError */
export function demoConfig(settings: DemoSettings, node: Partial<Config> = {}): LoadedConfig {
  const data = settings.data ?? process.env['TESSERA_DATA_DIR'] ?? './data';
  const loaded = loadConfig({
    environment: process.env,
    overrides: {
      data_dir: data,
      ...(process.env['TESSERA_DATABASE_URL'] === undefined
        ? { database_url: `sqlite:${join(data, 'tessera.db')}` }
        : {}),
      ...ownMasterKey(data),
      ...openToEverybody(),
      ...(settings.port === undefined ? {} : { port: settings.port }),
      ...(settings.metricsPort === undefined ? {} : { metrics_port: settings.metricsPort }),
      ...node,
    },
  });
  if (loaded.config.tls_cert !== undefined)
    throw new ConfigError(['The demo speaks http on loopback; use `tessera serve` for TLS.']);
  return loaded;
}

/** All nodes of a demo share its data directory, so on PostgreSQL, too, the key may lie there. */
function ownMasterKey(data: string): Partial<Config> {
  const { TESSERA_DATABASE_URL: url, TESSERA_MASTER_KEY: key, TESSERA_MASTER_KEY_FILE: file } = process.env;
  if (url === undefined || key !== undefined || file !== undefined) return {};
  const own = readOwnMasterKey({ data_dir: data }, (size) => randomBytes(size));
  return { master_key: Buffer.from(own).toString('base64url') };
}

/** The demo shows its password, so it answers on this machine's own names alone. */
export function ownHosts(issuer: string, port: number): readonly string[] {
  return [new URL(issuer).host, `localhost:${port}`, `127.0.0.1:${port}`, `[::1]:${port}`];
}

/** Everybody may try everything in the demo, and is never turned away, unless the environment says otherwise. */
function openToEverybody(): Partial<Config> {
  return {
    // One person, on a machine that may be busy with other things.
    ...(process.env['TESSERA_OVERLOAD_WAIT'] === undefined && { overload_wait: 0 }),
    ...(process.env['TESSERA_SIGN_UP'] === undefined && { sign_up: 'on' }),
    ...(process.env['TESSERA_PERSONAL_APPS'] === undefined && { personal_apps: 'on' }),
    ...(process.env['TESSERA_CREATE_ORGANIZATIONS'] === undefined && { create_organizations: 'everyone' }),
  };
}
