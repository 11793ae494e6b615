import { hashTokenString } from '@tessera/tokens';
import type { UsedIdentifiers } from '../../ports/used-identifiers.ts';
import type { Database } from '../database.ts';
import { change, statement } from '../statement.ts';

// One that has expired counts as forgotten, whether or not it has been deleted by now.
const rememberIdentifier = statement(
  'used_identifier_remember',
  `INSERT INTO used_identifiers (hash, used_until) VALUES ($1, $2)
   ON CONFLICT (hash) DO UPDATE SET used_until = excluded.used_until WHERE used_identifiers.used_until <= $3`,
);

export function createUsedIdentifiers(database: Database): UsedIdentifiers {
  return {
    remember: (use, identifier, until, at) => {
      const hash = hashTokenString(`${use} ${identifier}`);
      return database.write(function* () {
        return (yield* change(rememberIdentifier, hash, until, at)) === 1;
      });
    },
  };
}
