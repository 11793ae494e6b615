/** What `start` and `serve` do alike: open the database, read the master key, stop on a signal. */
import { dirname } from 'node:path';
import type { Config } from '../config.ts';
import type { TesseraParts } from '../main.ts';
import { ensureDataDirectory, readMasterKey } from './master-key.ts';
import { createLogger, type LogLevel } from '../observe/logs.ts';
import { openStore } from '../store/open-store.ts';
import { randomBytes } from 'node:crypto';

/** @throws ConfigError, StoreOpenError */
export async function openParts(
  config: Config,
  issuer: string,
  options: { readonly logLevel?: LogLevel } = {},
): Promise<TesseraParts> {
  const logger = createLogger(options.logLevel ?? config.log_level);
  const masterKey = readMasterKey(config, (size) => randomBytes(size));
  const file = /^sqlite:(?!:memory:)(.+)$/.exec(config.database_url)?.[1];
  if (file !== undefined) ensureDataDirectory(dirname(file));
  const store = await openStore({ url: config.database_url, logger });
  return { config, issuer, store, masterKey, logger };
}

/** Closes once, on SIGINT or SIGTERM, and lets the process end; a second signal ends it at once. */
export function onStopSignal(close: () => Promise<void>): void {
  let stopping = false;
  const stop = (): void => {
    if (stopping) process.exit(1);
    stopping = true;
    close().then(
      () => process.exit(0),
      () => process.exit(1),
    );
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
}
