import type { Consent } from '../../domain/consent.ts';
import type { Consents } from '../../ports/consents.ts';
import { joinScopes, splitScopes } from '../columns.ts';
import type { Database } from '../database.ts';
import { change, lastly, lockingStatement, row, statement, step } from '../statement.ts';
import type { Verb } from '../statement.ts';

interface ConsentColumns {
  readonly scopes: string;
  readonly updated_at: number;
}

const FIND =
  'SELECT scopes, updated_at FROM consents WHERE user_id = $1 AND client_id = $2 AND resource_id = $3';
const findConsent = statement('consent_find', FIND);
const lockConsent = lockingStatement('consent_lock', FIND);
const insertConsent = statement(
  'consent_insert',
  `INSERT INTO consents (user_id, client_id, resource_id, scopes, updated_at) VALUES ($1, $2, $3, $4, $5)
   ON CONFLICT (user_id, client_id, resource_id) DO NOTHING`,
);
const updateConsent = statement(
  'consent_update',
  'UPDATE consents SET scopes = $4, updated_at = $5 WHERE user_id = $1 AND client_id = $2 AND resource_id = $3',
);
const forgetConsents = statement(
  'consent_forget',
  'DELETE FROM consents WHERE user_id = $1 AND client_id = $2',
);

/** The issuer and the default API are stored under the empty name. */
const NO_RESOURCE = '';

export function createConsents(database: Database): Consents {
  return {
    async find(userId, clientId, resourceId) {
      const [found] = await database.find<ConsentColumns>(
        findConsent,
        userId,
        clientId,
        resourceId ?? NO_RESOURCE,
      );
      if (found === undefined) return undefined;
      return {
        userId,
        clientId,
        ...(resourceId !== undefined && { resourceId }),
        scopes: splitScopes(found.scopes),
        updatedAt: found.updated_at,
      };
    },
    forget: (userId, clientId) =>
      database.write(function* () {
        yield* lastly(step(forgetConsents, userId, clientId));
      }),
  };
}

/** Adds the scopes to those remembered before, and forgets those that were refused now; part of a larger verb. */
export function* rememberConsent(consent: Consent & { readonly refused?: readonly string[] }): Verb<void> {
  const key = [consent.userId, consent.clientId, consent.resourceId ?? NO_RESOURCE] as const;
  const added = yield* change(insertConsent, ...key, joinScopes(consent.scopes), consent.updatedAt);
  if (added > 0) return;
  const before = yield* row<ConsentColumns>(lockConsent, ...key);
  const { refused = [] } = consent;
  const kept = splitScopes(before?.scopes ?? '').filter((scope) => !refused.includes(scope));
  const union = new Set([...kept, ...consent.scopes]);
  yield* change(updateConsent, ...key, joinScopes([...union]), consent.updatedAt);
}
