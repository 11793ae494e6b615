/** `tessera gateway`: serves by the routes of a file, or says what is wrong with it. */
import type { Command } from 'commander';
import { tell } from '../output.ts';
import { runServer } from '../running-a-server.ts';

interface GatewayOptions {
  readonly config?: string;
}

export function define(gateway: Command): void {
  withFile(gateway).action((options: GatewayOptions) => runServer(() => serve(fileOf(options))));
  withFile(
    gateway.command('check').description('find what is wrong with the file; exit code 1 if anything'),
  ).action((_options: GatewayOptions, command: Command) =>
    runServer(() => check(fileOf(command.optsWithGlobals<GatewayOptions>()))),
  );
}

function withFile(command: Command): Command {
  return command.option('--config <file>', 'the routes (gateway.yaml, or TESSERA_GATEWAY_CONFIG)');
}

function fileOf({ config }: GatewayOptions): string {
  return config ?? process.env['TESSERA_GATEWAY_CONFIG'] ?? 'gateway.yaml';
}

async function serve(file: string): Promise<void> {
  const { runGateway } = await import('@tessera/gateway/run');
  const running = await runGateway({ file, environment: process.env });
  tell(`The gateway is ready: ${running.urls.join(' ')}   health and metrics: ${running.managementUrl}`);
  process.on('SIGHUP', () => void running.reload());
  let stopping = false;
  const stop = (): void => {
    if (stopping) process.exit(1);
    stopping = true;
    running.stop().then(
      () => process.exit(0),
      () => process.exit(1),
    );
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
}

async function check(file: string): Promise<void> {
  const { readGatewayConfig } = await import('@tessera/gateway/config');
  const { routes } = readGatewayConfig(file, process.env);
  tell(`${file} can be used. Routes: ${Object.keys(routes).join(', ')}`);
}
