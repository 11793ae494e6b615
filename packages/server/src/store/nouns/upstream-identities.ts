import type { UpstreamIdentity } from '../../domain/identity-provider.ts';
import type { UpstreamIdentities } from '../../ports/upstream-identities.ts';
import { nullable, present } from '../columns.ts';
import type { Database } from '../database.ts';
import { change, lastly, statement, step } from '../statement.ts';
import type { Verb } from '../statement.ts';
import { recordAudit } from './audit.ts';
import { enqueueMail } from './outbox.ts';

interface IdentityColumns {
  readonly provider_id: string;
  readonly subject: string;
  readonly user_id: string;
  readonly sealed_tokens: Uint8Array | null;
  readonly tokens_version: number;
  readonly created_at: number;
  readonly last_used_at: number;
}

const COLUMNS = 'provider_id, subject, user_id, sealed_tokens, tokens_version, created_at, last_used_at';
const findIdentity = statement(
  'upstream_identity_find',
  `SELECT ${COLUMNS} FROM upstream_identities WHERE provider_id = $1 AND subject = $2`,
);
const findOfUser = statement(
  'upstream_identity_find_of_user',
  `SELECT ${COLUMNS} FROM upstream_identities WHERE user_id = $1 ORDER BY created_at, provider_id`,
);
const insertIdentity = statement(
  'upstream_identity_insert',
  `INSERT INTO upstream_identities (${COLUMNS}, refreshing_until) VALUES ($1, $2, $3, $4, $5, $6, $7, 0)
   ON CONFLICT DO NOTHING`,
);
// The version moves with the tokens: a refresh that is under way is for those before.
const keepSignIn = statement(
  'upstream_identity_signed_in',
  `UPDATE upstream_identities SET last_used_at = $3, sealed_tokens = coalesce($4, sealed_tokens),
     tokens_version = tokens_version + 1, refreshing_until = 0
   WHERE provider_id = $1 AND subject = $2`,
);
const claimRefresh = statement(
  'upstream_identity_claim_refresh',
  `UPDATE upstream_identities SET refreshing_until = $4
   WHERE provider_id = $1 AND subject = $2 AND tokens_version = $3 AND refreshing_until <= $5`,
);
const keepTokens = statement(
  'upstream_identity_keep_tokens',
  `UPDATE upstream_identities SET sealed_tokens = $4, tokens_version = tokens_version + 1, refreshing_until = 0
   WHERE provider_id = $1 AND subject = $2 AND tokens_version = $3`,
);
const deleteIdentity = statement(
  'upstream_identity_delete',
  'DELETE FROM upstream_identities WHERE provider_id = $1 AND user_id = $2',
);

export function createUpstreamIdentities(database: Database): UpstreamIdentities {
  return {
    async find(providerId, subject) {
      const [found] = await database.find<IdentityColumns>(findIdentity, providerId, subject);
      return found === undefined ? undefined : toIdentity(found);
    },
    async ofUser(userId) {
      return (await database.find<IdentityColumns>(findOfUser, userId)).map(toIdentity);
    },
    link: (identity, audit, mails = []) =>
      database.write(function* (): Verb<boolean> {
        const { providerId, subject, userId, sealedTokens, tokensVersion, createdAt, lastUsedAt } = identity;
        const kept = nullable(sealedTokens);
        const linked = [providerId, subject, userId, kept, tokensVersion, createdAt, lastUsedAt];
        if ((yield* change(insertIdentity, ...linked)) === 0) return false;
        yield* lastly(recordAudit(audit), ...mails.map(enqueueMail));
        return true;
      }),
    signedIn: ({ providerId, subject }, at, sealedTokens) =>
      database.write(function* () {
        yield* lastly(step(keepSignIn, providerId, subject, at, nullable(sealedTokens)));
      }),
    claimRefresh: ({ providerId, subject, tokensVersion }, until, at) =>
      database.write(function* (): Verb<boolean> {
        return (yield* change(claimRefresh, providerId, subject, tokensVersion, until, at)) === 1;
      }),
    keepTokens: ({ providerId, subject, tokensVersion }, sealedTokens) =>
      database.write(function* (): Verb<boolean> {
        return (yield* change(keepTokens, providerId, subject, tokensVersion, sealedTokens)) === 1;
      }),
    unlink: (providerId, userId, audit) =>
      database.write(function* (): Verb<boolean> {
        if ((yield* change(deleteIdentity, providerId, userId)) === 0) return false;
        yield* lastly(recordAudit(audit));
        return true;
      }),
  };
}

function toIdentity(columns: IdentityColumns): UpstreamIdentity {
  return present({
    providerId: columns.provider_id,
    subject: columns.subject,
    userId: columns.user_id,
    sealedTokens: columns.sealed_tokens,
    tokensVersion: columns.tokens_version,
    createdAt: columns.created_at,
    lastUsedAt: columns.last_used_at,
  });
}
