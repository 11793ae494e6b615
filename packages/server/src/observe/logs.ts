/** The log: one JSON line an event, with the request's id and path, never a query, header, body, token or code. */
import { type Logger, pino } from 'pino';

export type { Logger };

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';

/** @param write takes one line; standard output unless given */
export function createLogger(level: LogLevel, write?: (line: string) => void): Logger {
  const options = { level, base: null, serializers: { error: describeError } };
  return write === undefined ? pino(options) : pino(options, { write });
}

/** Name and place only where the message may quote what a client sent. */
function describeError(error: unknown): unknown {
  if (!(error instanceof Error)) return { name: typeof error };
  return { name: error.name, message: error.message, stack: error.stack };
}
