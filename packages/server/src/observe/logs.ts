/** The log: one JSON line an event, with the request's id and path, never a query, header, body, token or code. */
import { withoutTokens } from '@tessera/tokens';
import { type Logger, pino } from 'pino';

export type { Logger };

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';

/** @param write takes one line; standard output unless given */
export function createLogger(level: LogLevel, write?: (line: string) => void): Logger {
  const options = {
    level,
    base: null,
    serializers: { error: describeError },
    // Whatever a line is made of, what looks like a token does not leave.
    hooks: { streamWrite: withoutTokens },
  };
  return write === undefined ? pino(options) : pino(options, { write });
}

/** Without the members that libraries hang on their errors: requests, values of statements, answers of others. */
function describeError(error: unknown): unknown {
  if (!(error instanceof Error)) return { name: typeof error };
  return { name: error.name, message: error.message, stack: error.stack };
}
