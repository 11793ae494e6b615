/** `tessera`: reads the command line, runs one command, and turns its end into an exit code. */
import { readFileSync } from 'node:fs';
import { CommandError } from './command-error.ts';
import { EXIT, type ExitCode } from './exit-code.ts';

/** Of the package this file belongs to; read here so that `--version` loads nothing else. */
function version(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  const { version: found } = Object(JSON.parse(text));
  return String(found);
}

async function run(args: readonly string[]): Promise<ExitCode> {
  if (args.length === 1 && (args[0] === '--version' || args[0] === '-V')) {
    process.stdout.write(`${version()}\n`);
    return EXIT.ok;
  }
  const { runProgram } = await import('./program.ts');
  return runProgram(args, version());
}

/** A reader that has seen enough (`| head`) is no error. */
function endQuietlyWhenNobodyReads(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    process.exit(error.code === 'EPIPE' ? EXIT.ok : EXIT.error);
  });
}

endQuietlyWhenNobodyReads();
try {
  // Not process.exit: what was written to a pipe must still get there, and `start` keeps running.
  process.exitCode = await run(process.argv.slice(2));
} catch (error) {
  const code = error instanceof CommandError ? error.exitCode : EXIT.error;
  // A server that failed half way may have left something open that would keep the process.
  process.stderr.write(`${error instanceof Error ? error.message : 'Something went wrong.'}\n`, () =>
    process.exit(code),
  );
}
