import type { SigningKey } from '../../domain/signing-key.ts';
import type { SigningKeys } from '../../ports/signing-keys.ts';
import { AlreadyExists } from '../../ports/store-errors.ts';
import { fromJson, nullable, present, toJson } from '../columns.ts';
import { UniqueViolation } from '../database.ts';
import type { Database } from '../database.ts';
import { successionAfter } from '../../protocol/key-succession.ts';
import { change, lastly, lockingStatement, row, rows, statement, step } from '../statement.ts';
import type { Step, Verb } from '../statement.ts';
import { announceKey } from './announce.ts';
import { recordAudit } from './audit.ts';

interface SigningKeyColumns {
  readonly kid: string;
  readonly alg: SigningKey['alg'];
  readonly generation: number;
  readonly public_jwk: string;
  readonly sealed_private_key: Uint8Array;
  readonly created_at: number;
  readonly active_from: number;
  readonly retires_at: number | null;
  readonly revoked_at: number | null;
}

const listKeys = statement(
  'signing_keys_list',
  'SELECT * FROM signing_keys WHERE retires_at IS NULL OR retires_at > $1 ORDER BY created_at, seq',
);
const publishedKey = statement(
  'signing_key_published',
  'SELECT alg FROM signing_keys WHERE kid = $1 AND (retires_at IS NULL OR retires_at > $2)',
);
const lockKeysOfAlg = lockingStatement(
  'signing_keys_lock',
  'SELECT kid FROM signing_keys WHERE alg = $1 ORDER BY generation',
);
const generationsOfAlg = statement(
  'signing_keys_generations',
  'SELECT * FROM signing_keys WHERE alg = $1 ORDER BY generation',
);
const revokeKey = statement(
  'signing_key_revoke',
  'UPDATE signing_keys SET retires_at = $2, revoked_at = $2 WHERE kid = $1',
);
const promoteKey = statement(
  'signing_key_promote',
  'UPDATE signing_keys SET active_from = $2 WHERE kid = $1',
);
const keysOfAlg = statement(
  'signing_keys_of_alg',
  'SELECT kid, generation, retires_at FROM signing_keys WHERE alg = $1 ORDER BY generation DESC',
);
// Of two nodes that add the same generation, the second one's insert does nothing.
const insertKey = statement(
  'signing_key_insert',
  `INSERT INTO signing_keys (kid, alg, generation, public_jwk, sealed_private_key, created_at, active_from, retires_at)
   VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (alg, generation) DO NOTHING`,
);
const endPredecessor = statement('signing_key_end', 'UPDATE signing_keys SET retires_at = $2 WHERE kid = $1');
const retireKey = statement(
  'signing_key_retire',
  'UPDATE signing_keys SET retires_at = $2 WHERE kid = $1 AND (retires_at IS NULL OR retires_at > $2)',
);

export function createSigningKeys(database: Database): SigningKeys {
  return {
    list: async (now) => (await database.find<SigningKeyColumns>(listKeys, now)).map(toSigningKey),

    async rotate({ key, predecessor, audit }) {
      try {
        return await database.write(function* (): Verb<boolean> {
          const keys = yield* rows<SigningKeyColumns>(keysOfAlg, key.alg);
          const newest = keys.find((each) => each.retires_at === null || each.retires_at > key.createdAt);
          if (newest?.kid !== predecessor?.kid) return false;
          const generation = (keys[0]?.generation ?? 0) + 1;
          const { statement: on, values } = insertion(key, generation);
          const added = yield* change(on, ...values);
          if (added === 0) return false;
          yield* lastly(
            predecessor && step(endPredecessor, predecessor.kid, predecessor.retiresAt),
            recordAudit(audit),
          );
          return true;
        });
      } catch (error) {
        throw error instanceof UniqueViolation && error.column === 'signing_keys.kid'
          ? new AlreadyExists('kid')
          : error;
      }
    },

    retire: (kid, at, audit) =>
      database.write(function* (): Verb<boolean> {
        if ((yield* change(retireKey, kid, at)) === 0) return false;
        yield* lastly(announceKey(kid, at), recordAudit(audit));
        return true;
      }),

    revoke: ({ kid, at, successor, audit }) =>
      database.write(function* (): Verb<boolean> {
        const { alg } = (yield* row<{ alg: SigningKey['alg'] }>(publishedKey, kid, at)) ?? {};
        if (alg === undefined) return false;
        // Of two that take keys back at once the second one sees what the first one did; read after it is this one's turn,
        // a key that another node has added meanwhile is among them.
        yield* rows(lockKeysOfAlg, alg);
        const generations = yield* rows<SigningKeyColumns>(generationsOfAlg, alg);
        const published = generations.map(toSigningKey).filter((key) => (key.retiresAt ?? Infinity) > at);
        if (!published.some((key) => key.kid === kid)) return false;
        const steps: Step[] = [step(revokeKey, kid, at), announceKey(kid, at)];
        const succession = successionAfter(published, kid, at);
        if (succession.kind === 'promote') steps.push(step(promoteKey, succession.kid, at));
        if (succession.kind === 'new' || succession.kind === 'announce') {
          steps.push(
            insertion(
              { ...successor, activeFrom: succession.activeFrom },
              (generations.at(-1)?.generation ?? 0) + 1,
            ),
          );
        }
        if (succession.kind === 'announce') {
          const { signing } = succession;
          steps.push(step(endPredecessor, signing.kid, signing.retiresAt));
        }
        yield* lastly(...steps, recordAudit(audit));
        return true;
      }),
  };
}

function insertion(key: SigningKey, generation: number): Step {
  const { kid, alg, sealedPrivateKey: sealed, createdAt, activeFrom } = key;
  const end = nullable(key.retiresAt);
  return step(insertKey, kid, alg, generation, toJson(key.publicJwk), sealed, createdAt, activeFrom, end);
}

function toSigningKey(columns: SigningKeyColumns): SigningKey {
  return present({
    kid: columns.kid,
    alg: columns.alg,
    publicJwk: fromJson<SigningKey['publicJwk']>(columns.public_jwk),
    sealedPrivateKey: columns.sealed_private_key,
    createdAt: columns.created_at,
    activeFrom: columns.active_from,
    retiresAt: columns.retires_at,
    revokedAt: columns.revoked_at,
  });
}
