/**
 * Whether a request proves the key that something is bound to.
 * @spec RFC 9449 §5, RFC 8705 §4
 */
import type { Confirmation } from '../domain/confirmation.ts';

/** What is bound to no key asks for none; a token may be bound more tightly later, never less. */
export function provesKey(bound: Confirmation | undefined, proven: Confirmation | undefined): boolean {
  if (bound === undefined) return true;
  if (proven === undefined) return false;
  return 'jkt' in bound
    ? 'jkt' in proven && proven.jkt === bound.jkt
    : 'x5t#S256' in proven && proven['x5t#S256'] === bound['x5t#S256'];
}
