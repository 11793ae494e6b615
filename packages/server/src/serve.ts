/** `tessera serve`: production. Refuses to start on an unsafe configuration, and says the exact fix. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import {
  type Config,
  ConfigError,
  listenerLimitsOf,
  type LoadedConfig,
  productionProblems,
  productionWarnings,
} from './config.ts';
import { drain } from './startup/drain.ts';
import { DEMO_FILE } from './startup/demo/demo-state.ts';
import { prepareFirstStart } from './startup/first-start.ts';
import { type Listening, listen, listenable } from './startup/listen.ts';
import { createTessera } from './main.ts';
import { createMetricsApp, type MetricsApp } from './startup/metrics-app.ts';
import { mountPublicPages } from './startup/public-pages.ts';
import { onStopSignal, openParts } from './startup/run.ts';

/** Whoever holds a connection sends the next request within this time, or none. */
const DRAIN_MS = 2000;

export interface Running {
  readonly issuer: string;
  readonly port: number;
  readonly metricsPort: number;
  close(): Promise<void>;
}

/** What `serve` will not start with, the data directory included. */
export function servingProblems(config: Config): readonly string[] {
  const problems = [...productionProblems(config)];
  if (existsSync(join(config.data_dir, DEMO_FILE))) {
    problems.push(
      `data_dir ${config.data_dir} belongs to the demo, whose passwords are printed. Set TESSERA_DATA_DIR and TESSERA_DATABASE_URL to new places`,
    );
  }
  return problems;
}

/** Starts and stays until SIGINT or SIGTERM. @throws ConfigError, StoreOpenError, PortTaken */
export async function serve(loaded: LoadedConfig): Promise<Running> {
  const { config } = loaded;
  const problems = servingProblems(config);
  if (problems.length > 0) throw new ConfigError(problems);
  // Before the database is brought up to this version, which may take its time: whoever watches sees a start under way.
  const watched = createMetricsApp(config.issuer ?? '', listenerLimitsOf(config));
  const metrics = await listen(
    watched.app,
    config.metrics_host,
    config.metrics_port,
    'Set TESSERA_METRICS_PORT to another',
  );
  try {
    return await serveWatched(loaded, watched, metrics);
  } catch (error) {
    await watched.app.close();
    throw error;
  }
}

async function serveWatched(loaded: LoadedConfig, watched: MetricsApp, metrics: Listening): Promise<Running> {
  const { config, warnings } = loaded;
  const parts = await openParts(loaded, config.issuer ?? '');
  for (const warning of [...warnings, ...productionWarnings(config)]) parts.logger.warn(warning);
  const tessera = await createTessera(parts);
  const { madeAdministrator } = await prepareFirstStart(tessera, config);
  if (madeAdministrator?.generated === true) {
    const { email, password } = madeAdministrator;
    process.stderr.write(
      `First administrator: ${email} / ${password}   (shown once; sign in and change it)\n`,
    );
  }
  await mountPublicPages(tessera, { home: config.home_url ?? '/console' });
  const main = await listen(tessera.app, config.host, config.port, 'Set TESSERA_PORT to another');
  const listening: Listening[] = [main, metrics];
  if (tessera.mutualTls !== undefined && config.mtls_port !== undefined) {
    const { mutualTls } = tessera;
    const fix = 'Set TESSERA_MTLS_PORT to another';
    listening.push(await listen(listenable(mutualTls), config.mtls_host, config.mtls_port, fix));
  }
  const close = async (): Promise<void> => {
    tessera.leave();
    const answering = [tessera.app.server, ...(tessera.mutualTls === undefined ? [] : [tessera.mutualTls])];
    const taking = listening.filter((one) => one !== metrics).flatMap(({ servers }) => servers);
    await drain(answering, taking, { delayMs: config.shutdown_delay * 1000, graceMs: DRAIN_MS });
    await Promise.all(listening.map((one) => one.close()));
    await Promise.all([tessera.close(), watched.app.close()]);
  };
  // Before anybody is told that it is ready: a stop may follow at once.
  onStopSignal(close);
  watched.started(tessera);
  parts.logger.info({ issuer: tessera.issuer, port: main.port, metricsPort: metrics.port }, 'ready');
  return { issuer: tessera.issuer, port: main.port, metricsPort: metrics.port, close };
}

/** Brings the database up to this version and lets go of it. @throws ConfigError, StoreOpenError */
export async function migrate(loaded: LoadedConfig): Promise<void> {
  const parts = await openParts(loaded, loaded.config.issuer ?? '', { waitForIndexes: true });
  await parts.store.close();
}
