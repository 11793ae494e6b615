/** `tessera gateway`: reads the file, serves, and goes on with the file when it changes. */
import { unwatchFile, watchFile } from 'node:fs';
import { createExposureReports } from '@tessera/verifier';
import { ConfigError } from './config/config-error.ts';
import type { Environment } from './config/fill-in.ts';
import { readGatewayConfig } from './config/read-config.ts';
import type { GatewayConfig } from './config/schema.ts';
import { createGateway, type Gateway } from './gateway.ts';
import { type Listening, listen } from './listen.ts';
import { createLogger, type Logger } from './observe/log.ts';
import { openTraces } from './observe/traces.ts';

export interface RunOptions {
  /** The path of `gateway.yaml`. */
  readonly file: string;
  readonly environment: Environment;
  /** Takes the log, line by line; standard output unless given. */
  readonly write?: (line: string) => void;
}

export interface RunningGateway {
  readonly urls: readonly string[];
  readonly managementUrl: string;
  /** Reads the file anew. A file that cannot be used changes nothing, and the log says why. */
  reload(): Promise<void>;
  /** Lets requests under way end. */
  stop(): Promise<void>;
}

/** How often the file is looked at; also where it is a link to another, as in Kubernetes. */
const LOOK_EVERY_MS = 1000;

/** @throws ConfigError, and the system's error where a port cannot be had */
export async function runGateway({ file, environment, write }: RunOptions): Promise<RunningGateway> {
  const config = readGatewayConfig(file, environment);
  const logger = createLogger(config.log_level, write);
  let issuers = () => config.issuers;
  const reportExposed = createExposureReports({
    issuers: () => Object.values(issuers()).map(reporting),
    failed: (issuer, error) =>
      logger.warn({ issuer, error }, 'an exposed token could not be told to its issuer'),
  });
  const gateway = await usable(async () =>
    createGateway({
      config,
      logger,
      ...(config.traces === 'on' ? { traces: await openTraces() } : {}),
      onExposedToken: (token) => {
        logger.warn('an access token came in a URL, and so is exposed');
        reportExposed(token);
      },
    }),
  );
  issuers = () => gateway.config.issuers;
  const listening = await listenOrTell(gateway);
  // The first request should not wait for it.
  void import('undici');
  const reload = inTurn(() => reloadFrom(file, environment, gateway, logger));
  watchFile(file, { interval: LOOK_EVERY_MS, persistent: false }, () => void reload());
  logger.info({ urls: listening.urls, management: listening.managementUrl }, 'listening');
  return {
    urls: listening.urls,
    managementUrl: listening.managementUrl,
    reload,
    async stop() {
      unwatchFile(file);
      await listening.close(gateway.config.stop_grace_seconds * 1000);
    },
  };
}

/** Who the gateway is to an issuer. */
function reporting({ url: issuer, client_id: clientId, client_secret: clientSecret }: Issuer) {
  return {
    issuer,
    credentials:
      clientId === undefined || clientSecret === undefined ? undefined : { clientId, clientSecret },
  };
}

type Issuer = GatewayConfig['issuers'][string];

/** What only turns out wrong once it is used is told like the rest of the file. */
async function usable<Value>(make: () => Promise<Value>): Promise<Value> {
  try {
    return await make();
  } catch (error) {
    if (error instanceof TypeError) throw new ConfigError([error.message]);
    throw error;
  }
}

async function listenOrTell(gateway: Gateway): Promise<Listening> {
  try {
    return await listen(gateway);
  } catch (error) {
    const { code, port } = error as NodeJS.ErrnoException & { readonly port?: number };
    if (code === 'EADDRINUSE')
      throw new ConfigError([`Port ${port} is taken. Choose another or stop that program.`]);
    if (code === 'EACCES') throw new ConfigError([`Port ${port} needs more rights than this user has.`]);
    if (code === 'EADDRNOTAVAIL')
      throw new ConfigError(['A listener names a host that is not of this machine.']);
    throw error;
  }
}

async function reloadFrom(
  file: string,
  environment: Environment,
  gateway: Gateway,
  logger: Logger,
): Promise<void> {
  try {
    const config = readGatewayConfig(file, environment);
    const previous = gateway.config;
    await usable(() => gateway.reload(config));
    gateway.metrics.reloaded(true);
    logger.info('goes on with the new configuration');
    if (!isSame(previous, config))
      logger.warn('listen, management, log_level and traces take effect with the next start');
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    gateway.metrics.reloaded(false);
    logger.error({ problems: error.problems }, 'the new configuration cannot be used; the old one stays');
  }
}

function isSame(one: GatewayConfig, other: GatewayConfig): boolean {
  return fixedPart(one) === fixedPart(other);
}

function fixedPart({ listen: where, management, log_level, traces }: GatewayConfig): string {
  return JSON.stringify([where, management, log_level, traces]);
}

/** One after the other: the last file that was read is the one that counts. */
function inTurn(run: () => Promise<void>): () => Promise<void> {
  let last = Promise.resolve();
  return () => {
    last = last.then(run, run);
    return last;
  };
}
