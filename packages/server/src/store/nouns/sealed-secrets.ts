import type { SealedSecrets } from '../../ports/sealed-secrets.ts';
import type { Database } from '../database.ts';
import { change, lastly, row, statement } from '../statement.ts';
import type { Verb } from '../statement.ts';
import { recordAudit } from './audit.ts';

const insertSecret = statement(
  'sealed_secret_insert',
  'INSERT INTO sealed_secrets (name, sealed) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING',
);
const readSecret = statement('sealed_secret_read', 'SELECT sealed FROM sealed_secrets WHERE name = $1');

/** A name that is only taken keeps no secret. */
const NOTHING = new Uint8Array();

export function createSealedSecrets(database: Database): SealedSecrets {
  return {
    ensure: (name, candidate) =>
      database.write(function* (): Verb<Uint8Array> {
        yield* change(insertSecret, name, candidate);
        const found = yield* row<{ readonly sealed: Uint8Array }>(readSecret, name);
        return found?.sealed ?? candidate;
      }),
    claim: (name, audit) =>
      database.write(function* (): Verb<boolean> {
        if ((yield* change(insertSecret, name, NOTHING)) === 0) return false;
        yield* lastly(recordAudit(audit));
        return true;
      }),
  };
}
