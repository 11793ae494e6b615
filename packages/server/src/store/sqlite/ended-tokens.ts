import type { DatabaseSync } from 'node:sqlite';

/** What can end an access token: a change of its own row, or of what it hangs from. */
const ENDS = [
  ['UPDATE', 'access_tokens', 'old.lookup'],
  ['DELETE', 'access_tokens', 'old.lookup'],
  ['UPDATE OF ended_at', 'grants', 'NULL'],
  ['DELETE', 'grants', 'NULL'],
  ['UPDATE', 'clients', 'NULL'],
  ['DELETE', 'clients', 'NULL'],
  ['UPDATE', 'users', 'NULL'],
  ['DELETE', 'users', 'NULL'],
  ['UPDATE', 'resources', 'NULL'],
  ['DELETE', 'resources', 'NULL'],
] as const;

/**
 * Hears, while the write is still under way, of every write that may end access tokens, whichever statement does it:
 * from triggers that only this connection has.
 * @param ended called with the token's lookup, or with undefined when it may be any
 */
export function watchEndedTokens(
  connection: DatabaseSync,
  ended: (lookup: number | undefined) => void,
): void {
  connection.function('token_ended', (lookup) => {
    ended(typeof lookup === 'number' ? lookup : undefined);
    return null;
  });
  for (const [index, [event, table, lookup]] of ENDS.entries()) {
    connection.exec(
      `CREATE TEMP TRIGGER token_ended_${index} AFTER ${event} ON main.${table}
       BEGIN SELECT token_ended(${lookup}); END`,
    );
  }
}
