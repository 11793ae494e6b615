import type { Client } from '../../domain/client.ts';
import type { LeakedTokens, LeakEnd } from '../../ports/leaked-tokens.ts';
import type { Database } from '../database.ts';
import type { MemoryCache } from '../memory-cache.ts';
import { change, lastly, statement } from '../statement.ts';
import type { Step, Verb } from '../statement.ts';
import { revokeAccessToken } from './access-tokens.ts';
import { recordAudit } from './audit.ts';
import { endGrant } from './end-grant.ts';
import { enqueueMail } from './outbox.ts';

const findSecret = statement(
  'leaked_secret_find',
  'SELECT client_id, id FROM client_secrets WHERE hash = $1',
);
const deleteSecret = statement(
  'leaked_secret_delete',
  'DELETE FROM client_secrets WHERE client_id = $1 AND id = $2',
);
const forgetUse = statement(
  'leaked_secret_forget_use',
  'DELETE FROM client_secret_uses WHERE client_id = $1 AND secret_id = $2',
);
// A change that was made from the client as it was would bring the secret back: it finds the client changed.
const touchClient = statement(
  'leaked_secret_touch_client',
  `UPDATE clients SET updated_at = CASE WHEN updated_at < $2 THEN $2 ELSE updated_at + 1 END WHERE id = $1`,
);
const findRegistration = statement(
  'leaked_registration_find',
  'SELECT client_id FROM registrations WHERE token_hash = $1',
);
const deleteRegistration = statement(
  'leaked_registration_delete',
  'DELETE FROM registrations WHERE client_id = $1 AND token_hash = $2',
);

export function createLeakedTokens(database: Database, clients: MemoryCache<Client>): LeakedTokens {
  return {
    endAccessToken: (id, end) => database.write(() => revokeAccessToken(id, end.at, ...written(end))),

    endGrant: (id, { at, audit, mails }) =>
      database.write(() => endGrant({ id, reason: 'token_leaked', at, audit }, ...mails.map(enqueueMail))),

    async findSecret(hash) {
      const [found] = await database.find<{ client_id: string; id: string }>(findSecret, hash);
      return found === undefined ? undefined : { clientId: found.client_id, secretId: found.id };
    },

    async endSecret({ clientId, secretId }, end) {
      const ended = await database.write(function* (): Verb<boolean> {
        yield* change(touchClient, clientId, end.at);
        if ((yield* change(deleteSecret, clientId, secretId)) === 0) return false;
        yield* change(forgetUse, clientId, secretId);
        yield* lastly(...written(end));
        return true;
      });
      clients.forget(clientId);
      return ended;
    },

    async findRegistration(hash) {
      const [found] = await database.find<{ client_id: string }>(findRegistration, hash);
      return found?.client_id;
    },

    endRegistration: (clientId, hash, end) =>
      database.write(function* (): Verb<boolean> {
        if ((yield* change(deleteRegistration, clientId, hash)) === 0) return false;
        yield* lastly(...written(end));
        return true;
      }),
  };
}

function written({ audit, mails }: LeakEnd): readonly Step[] {
  return [recordAudit(audit), ...mails.map(enqueueMail)];
}
