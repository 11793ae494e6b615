/** The log: one JSON line a request, with its route and path, never a query, header, body or token. */
import { type Logger, pino } from 'pino';
import type { GatewayConfig } from '../config/schema.ts';

export type { Logger };

/** @param write takes one line; standard output unless given */
export function createLogger(level: GatewayConfig['log_level'], write?: (line: string) => void): Logger {
  const options = { level, base: null, serializers: { error: describeError } };
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

/** Token strings of ours, and what looks like a JWT or like the tags of a CWT or CAT. */
const TOKENS =
  /(?:\btsr_[a-z]{1,4}_[0-9A-Za-z]+|\beyJ[\w-]{8,}(?:\.[\w-]*){0,4}|(?:2D3[RS]|2D2E|0YR|0oR|h[EF])[\w+=-]{40,})/g;

/** People paste tokens anywhere, into paths too. */
export function withoutTokens(text: string): string {
  const mayHold = text.length > 40 || text.includes('tsr_') || text.includes('eyJ');
  return mayHold ? text.replaceAll(TOKENS, '(token)') : text;
}
