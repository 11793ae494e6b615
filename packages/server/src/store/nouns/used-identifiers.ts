import { hashTokenString } from '@tessera/tokens';
import type { UsedIdentifiers } from '../../ports/used-identifiers.ts';
import type { Database } from '../database.ts';
import { change, statement } from '../statement.ts';
import type { Verb } from '../statement.ts';

// One that has expired counts as forgotten, whether or not it has been deleted by now.
const rememberIdentifier = statement(
  'used_identifier_remember',
  `INSERT INTO used_identifiers (hash, used_until) VALUES ($1, $2)
   ON CONFLICT (hash) DO UPDATE SET used_until = excluded.used_until WHERE used_identifiers.used_until <= $3`,
);

export function createUsedIdentifiers(database: Database): UsedIdentifiers {
  return {
    remember: (use, identifier, until, at) =>
      database.write(() => rememberUse(usedIdentifierHash(use, identifier), until, at)),
  };
}

/** What an identifier is kept as. */
export function usedIdentifierHash(use: string, identifier: string): Uint8Array {
  return hashTokenString(`${use} ${identifier}`);
}

/** The one write that decides who uses an identifier; part of a larger verb. @returns false if it had been used */
export function* rememberUse(hash: Uint8Array, until: number, at: number): Verb<boolean> {
  return (yield* change(rememberIdentifier, hash, until, at)) === 1;
}
