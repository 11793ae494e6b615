/** What `start` and `serve` do alike: open the database, read the master key, stop on a signal. */
import { randomBytes, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { createSecureContext } from 'node:tls';
import { type Config, ConfigError, effectiveSettings, type LoadedConfig } from '../config.ts';
import type { TesseraParts } from '../assembly/foundation.ts';
import { ensureDataDirectory, readMasterKeys } from './master-key.ts';
import { createLogger, type LogLevel } from '../observe/logs.ts';
import { createMetrics } from '../observe/metrics.ts';
import { openTraces, type Traces, TracesMissing } from '../observe/traces.ts';
import { openStore } from '../store/open-store.ts';

/** @throws ConfigError, StoreOpenError */
export async function openParts(
  { config, sources }: Pick<LoadedConfig, 'config' | 'sources'>,
  issuer: string,
  options: { readonly logLevel?: LogLevel; readonly waitForIndexes?: boolean } = {},
): Promise<TesseraParts> {
  const logger = createLogger(options.logLevel ?? config.log_level);
  const masterKey = readMasterKeys(config, (size) => randomBytes(size));
  const file = /^sqlite:(?!:memory:)(.+)$/.exec(config.database_url)?.[1];
  if (file !== undefined) ensureDataDirectory(dirname(file));
  const { waitForIndexes = false } = options;
  const metrics = createMetrics();
  const traces = config.traces === 'on' ? await tracesOf() : undefined;
  const store = await openStore({
    url: config.database_url,
    logger,
    observer: metrics.store,
    tracing: traces,
    waitForIndexes,
  });
  const tls = readTls(config);
  return {
    config,
    issuer,
    store,
    masterKey,
    logger,
    metrics,
    settings: effectiveSettings(config, sources),
    ...(traces === undefined ? {} : { traces }),
    ...(tls === undefined ? {} : { tls }),
    ...(tls === undefined || config.mtls_port === undefined ? {} : { mutualTls: tls }),
    ...(config.mtls_ca === undefined ? {} : { clientAuthorities: readAuthorities(config.mtls_ca) }),
  };
}

/** @throws ConfigError */
async function tracesOf(): Promise<Traces> {
  try {
    return await openTraces();
  } catch (error) {
    if (error instanceof TracesMissing) throw new ConfigError([error.message]);
    throw error;
  }
}

function readTls({ tls_cert, tls_key }: Config): TesseraParts['tls'] {
  if (tls_cert === undefined || tls_key === undefined) return undefined;
  const tls = { cert: readPem('tls_cert', tls_cert), key: readPem('tls_key', tls_key) };
  try {
    createSecureContext(tls);
  } catch (error) {
    const reason = error instanceof Error ? error.message : 'they cannot be read';
    throw new ConfigError([`tls_cert and tls_key cannot be served with: ${reason}.`]);
  }
  return tls;
}

/** With none that can be read nobody's certificate would ever be good. @throws ConfigError */
function readAuthorities(value: string): string {
  const pem = readPem('mtls_ca', value);
  const certificates = pem.match(CERTIFICATES) ?? [];
  if (certificates.length === 0) throw new ConfigError(['mtls_ca holds no certificate.']);
  try {
    certificates.map((one) => new X509Certificate(one));
  } catch {
    throw new ConfigError(['mtls_ca holds a certificate that cannot be read.']);
  }
  return pem;
}

const CERTIFICATES = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g;

/** PEM itself, or the name of a file that holds it. @throws ConfigError */
function readPem(setting: string, value: string): string {
  if (value.trimStart().startsWith('-----BEGIN ')) return value;
  try {
    const text = readFileSync(value, 'utf8');
    if (text.includes('-----BEGIN ')) return text;
  } catch {
    // Told below, like a file of another kind.
  }
  throw new ConfigError([`${setting} is neither PEM nor a file that holds PEM.`]);
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
