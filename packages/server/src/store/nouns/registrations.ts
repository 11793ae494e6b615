import type { Client } from '../../domain/client.ts';
import type { Resource } from '../../domain/resource.ts';
import type { Registrations } from '../../ports/registrations.ts';
import type { Database } from '../database.ts';
import type { MemoryCache } from '../memory-cache.ts';
import { change, lastly, statement, step } from '../statement.ts';
import type { Verb } from '../statement.ts';
import { recordAudit } from './audit.ts';
import {
  clientSteps,
  clientValues,
  endWhatChanged,
  INSERT_CLIENT,
  lockedClient,
  replaceClient,
  stopServing,
} from './clients.ts';
import { spendInitialAccessToken } from './initial-access-tokens.ts';

const insertRegistration = statement(
  'registration_insert',
  'INSERT INTO registrations (client_id, token_hash) VALUES ($1, $2)',
);
const findRegistration = statement(
  'registration_find',
  'SELECT token_hash FROM registrations WHERE client_id = $1',
);
const rotateToken = statement(
  'registration_rotate',
  'UPDATE registrations SET token_hash = $2 WHERE client_id = $1',
);
// Only what the document says; who registered the client, its status and its beginning stay.
const keepDocument = statement(
  'registration_keep_document',
  `${INSERT_CLIENT}
   ON CONFLICT (id) DO UPDATE SET name = excluded.name, application_type = excluded.application_type,
     redirect_uris = excluded.redirect_uris, grant_types = excluded.grant_types,
     token_endpoint_auth_method = excluded.token_endpoint_auth_method, scopes = excluded.scopes,
     client_uri = excluded.client_uri, logo_uri = excluded.logo_uri, policy_uri = excluded.policy_uri,
     tos_uri = excluded.tos_uri, contacts = excluded.contacts, metadata = excluded.metadata,
     updated_at = CASE WHEN excluded.updated_at > clients.updated_at THEN excluded.updated_at
       ELSE clients.updated_at + 1 END
   WHERE clients.registered_by = 'metadata_document'`,
);
// Without a person's grant a client that registered itself gets no token, so its grants and consents are its life.
const UNUSED = `registered_by IN ('registration', 'metadata_document') AND updated_at <= $1
    AND NOT EXISTS (SELECT 1 FROM consents WHERE consents.client_id = clients.id)
    AND NOT EXISTS (SELECT 1 FROM grants WHERE grants.client_id = clients.id AND grants.ended_at IS NULL
      AND grants.live_until > $2)`;
const BATCH = 100;
const findUnused = statement(
  'registration_find_unused',
  `SELECT id FROM clients WHERE ${UNUSED} ORDER BY updated_at LIMIT ${BATCH}`,
);
const deleteUnused = statement(
  'registration_delete_unused',
  `DELETE FROM clients WHERE ${UNUSED} AND id = $3`,
);

export function createRegistrations(
  database: Database,
  clients: MemoryCache<Client>,
  resources: MemoryCache<Resource>,
): Registrations {
  const sweepOne = (id: string, unusedSince: number, now: number, audit: Parameters<typeof recordAudit>[0]) =>
    database.write(function* (): Verb<boolean> {
      if ((yield* change(deleteUnused, unusedSince, now, id)) === 0) return false;
      yield* stopServing(id);
      yield* lastly(recordAudit(audit));
      return true;
    });

  return {
    async create({ client, tokenHash, initialTokenHash, at, audit }) {
      const created = await database.write(function* (): Verb<boolean> {
        if (initialTokenHash !== undefined && !(yield* spendInitialAccessToken(initialTokenHash, at)))
          return false;
        yield* lastly(
          ...clientSteps(client),
          step(insertRegistration, client.id, tokenHash),
          recordAudit(audit),
        );
        return true;
      });
      clients.forget(client.id);
      return created;
    },

    async findTokenHash(clientId) {
      const [found] = await database.find<{ token_hash: Uint8Array }>(findRegistration, clientId);
      return found?.token_hash;
    },

    async replace({ client, before, tokenHash, audit }) {
      const replaced = await database.write(function* (): Verb<boolean> {
        if (!(yield* replaceClient(client, before))) return false;
        yield* lastly(step(rotateToken, client.id, tokenHash), recordAudit(audit));
        return true;
      });
      clients.forget(client.id);
      return replaced;
    },

    async keepDocument(client, audit) {
      await database.write(function* () {
        const kept = yield* lockedClient(client.id);
        yield* change(keepDocument, ...clientValues(client));
        // Whether the client may come is not the document's to say.
        yield* endWhatChanged(kept, { ...client, status: 'active' });
        yield* lastly(recordAudit(audit));
      });
      clients.forget(client.id);
    },

    async sweep(unusedSince, now, audit) {
      const swept: string[] = [];
      for (;;) {
        // oxlint-disable-next-line no-await-in-loop -- others get their turn between two batches
        const found = await database.scan<{ id: string }>(findUnused, unusedSince, now);
        const before = swept.length;
        for (const { id } of found) {
          // oxlint-disable-next-line no-await-in-loop -- one after the other, so that it stays in the background
          if (await sweepOne(id, unusedSince, now, audit(id))) swept.push(id);
          clients.forget(id);
        }
        // Where somebody took all of a batch, the rest has time.
        if (found.length < BATCH || swept.length === before) break;
      }
      if (swept.length > 0) resources.forget();
      return swept;
    },
  };
}
