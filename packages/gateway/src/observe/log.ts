/** The log: one JSON line a request, with its route and path, never a query, header, body or token. */
import { withoutTokens } from '@tessera/tokens';
import { type Logger, pino } from 'pino';
import type { GatewayConfig } from '../config/schema.ts';

export type { Logger };

/** @param write takes one line; standard output unless given */
export function createLogger(level: GatewayConfig['log_level'], write?: (line: string) => void): Logger {
  const options = {
    level,
    base: null,
    serializers: { error: describeError },
    // Whatever a line is made of, what looks like a token does not leave.
    hooks: { streamWrite: withoutTokens },
  };
  return write === undefined ? pino(options) : pino(options, { write });
}

/** Of errors of the network, what names the place; nothing of a message may come from a caller. */
function describeError(error: unknown): unknown {
  if (!(error instanceof Error)) return { name: typeof error };
  const { name, message, cause } = error;
  const code = 'code' in error ? error.code : undefined;
  return {
    name,
    message: withoutTokens(message),
    ...(typeof code === 'string' ? { code } : {}),
    ...(cause instanceof Error ? { cause: describeError(cause) } : {}),
  };
}
