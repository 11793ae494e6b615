/** Commands that run the server in this process. */
import { flushCompileCache } from 'node:module';
import { CommandError } from './command-error.ts';
import { EXIT } from './exit-code.ts';

/** Errors whose message is written for a terminal; by name, because the server's code is not loaded until it runs. */
const FOR_THE_TERMINAL: ReadonlySet<string> = new Set([
  'ConfigError',
  'StoreOpenError',
  'PortTaken',
  'StoreUnavailable',
  'WrongMasterKey',
  'BackupError',
]);

/** @throws CommandError with what the server says when it cannot start */
export async function runServer(run: () => Promise<void>): Promise<void> {
  try {
    await run();
    // Now rather than at the exit: a server may be killed, and the next start should be a quick one all the same.
    flushCompileCache();
  } catch (error) {
    if (error instanceof Error && FOR_THE_TERMINAL.has(error.name)) {
      throw new CommandError(EXIT.error, error.message, { cause: error });
    }
    throw error;
  }
}
