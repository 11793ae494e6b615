import type { LinkedIdentities } from '../../ports/linked-identities.ts';
import type { Database } from '../database.ts';
import { change, lastly, statement } from '../statement.ts';
import type { Verb } from '../statement.ts';
import { recordAudit } from './audit.ts';

const findLink = statement(
  'linked_identity_find',
  'SELECT user_id FROM linked_identities WHERE trusted_issuer_id = $1 AND subject = $2',
);
const insertLink = statement(
  'linked_identity_insert',
  `INSERT INTO linked_identities (trusted_issuer_id, subject, user_id, created_at) VALUES ($1, $2, $3, $4)
   ON CONFLICT (trusted_issuer_id, subject) DO NOTHING`,
);

export function createLinkedIdentities(database: Database): LinkedIdentities {
  return {
    async find(trustedIssuerId, subject) {
      const [found] = await database.find<{ user_id: string }>(findLink, trustedIssuerId, subject);
      return found?.user_id;
    },
    link: ({ trustedIssuerId, subject, userId, at }, audit) =>
      database.write(function* (): Verb<boolean> {
        if ((yield* change(insertLink, trustedIssuerId, subject, userId, at)) === 0) return false;
        yield* lastly(recordAudit(audit));
        return true;
      }),
  };
}
