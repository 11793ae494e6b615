import type { Confirmation } from '../../domain/confirmation.ts';
import type { AccessTokenRow } from '../../domain/access-token.ts';
import type { RefreshFamily, RefreshToken } from '../../domain/refresh-token.ts';
import type {
  RefreshRotation,
  RefreshRotationOutcome,
  RefreshTokens,
  RefreshTokenState,
} from '../../ports/refresh-tokens.ts';
import { fromJson, nullable, present, toJson } from '../columns.ts';
import type { Database } from '../database.ts';
import { insertion } from '../insertion.ts';
import { change, lastly, row, statement, step } from '../statement.ts';
import type { Statement, Step, Verb } from '../statement.ts';
import { insertAccessToken, keepGrantUntil } from './access-tokens.ts';
import { endGrant } from './end-grant.ts';
import { GRANT_COLUMNS, GRANT_IS_LIVE, toGrant } from './grant-columns.ts';
import type { GrantColumns } from './grant-columns.ts';
import { equalBytes, lookupOf, lookupStatement } from './lookup.ts';

interface RefreshTokenColumns extends GrantColumns {
  readonly hash: Uint8Array;
  readonly expires_at: number;
  readonly created_at: number;
  readonly rotated_at: number | null;
  readonly sealed_answer: Uint8Array | null;
  readonly family_id: string;
  readonly family_client_id: string;
  readonly family_expires_at: number;
  readonly family_created_at: number;
  readonly family_ended_at: number | null;
  readonly family_confirmation: string | null;
}

const findRefreshToken = lookupStatement(
  'refresh_token_find',
  'refresh_tokens',
  '$1',
  (
    isFound,
  ) => `SELECT ${GRANT_COLUMNS}, refresh_tokens.hash, refresh_tokens.expires_at, refresh_tokens.created_at,
     refresh_tokens.rotated_at, families.id AS family_id, families.client_id AS family_client_id,
     families.expires_at AS family_expires_at, families.created_at AS family_created_at,
     families.ended_at AS family_ended_at, families.confirmation AS family_confirmation,
     CASE WHEN families.answer_to = refresh_tokens.hash THEN families.sealed_answer END AS sealed_answer
   FROM refresh_tokens JOIN refresh_families AS families ON families.id = refresh_tokens.family_id
     JOIN grants ON grants.id = families.grant_id
   WHERE ${isFound}`,
);
const insertFamily = statement(
  'refresh_family_insert',
  `INSERT INTO refresh_families (id, grant_id, client_id, expires_at, created_at, ended_at, confirmation)
   VALUES ($1, $2, $3, $4, $5, $6, $7)`,
);
const refreshTokens = insertion('refresh_tokens', {
  lookup: 'integer',
  hash: 'bytes',
  family_id: 'text',
  expires_at: 'integer',
  created_at: 'integer',
});
/** A statement about the token whose hash is `$1` and whose lookup is `$3`. */
const onThisToken = (name: string, sql: (isThisToken: string) => string): Statement =>
  lookupStatement(name, 'refresh_tokens', '$3', (isFound) => sql(`refresh_tokens.hash = $1 AND ${isFound}`));
const FAMILY_IS_LIVE = `(
    SELECT families.ended_at IS NULL AND families.expires_at > $2
      AND (SELECT ${GRANT_IS_LIVE} FROM grants WHERE grants.id = families.grant_id)
    FROM refresh_families AS families WHERE families.id = refresh_tokens.family_id)`;
// The one write that decides who rotates a token.
const rotateToken = onThisToken(
  'refresh_token_rotate',
  (isThisToken) => `UPDATE refresh_tokens SET rotated_at = $2
   WHERE ${isThisToken} AND rotated_at IS NULL AND expires_at > $2 AND ${FAMILY_IS_LIVE}`,
);
// A family keeps one answer, that of its latest rotation: once a successor is used, the answer that brought it is gone.
const keepAnswer = statement(
  'refresh_family_keep_answer',
  'UPDATE refresh_families SET answer_to = $2, answered_at = $3, sealed_answer = $4 WHERE id = $1',
);
const readRotation = onThisToken(
  'refresh_token_read_rotation',
  (isThisToken) => `SELECT families.grant_id, refresh_tokens.rotated_at,
     CASE WHEN families.answer_to = refresh_tokens.hash THEN families.sealed_answer END AS sealed_answer
   FROM refresh_tokens JOIN refresh_families AS families ON families.id = refresh_tokens.family_id
   WHERE ${isThisToken} AND refresh_tokens.expires_at > $2 AND ${FAMILY_IS_LIVE}`,
);
const renewToken = onThisToken(
  'refresh_token_renew',
  (isThisToken) => `UPDATE refresh_tokens SET expires_at = (
     SELECT CASE WHEN families.expires_at < $4 THEN families.expires_at ELSE $4 END
     FROM refresh_families AS families WHERE families.id = refresh_tokens.family_id)
   WHERE ${isThisToken} AND rotated_at IS NULL AND expires_at > $2 AND ${FAMILY_IS_LIVE}`,
);

/** A new family with its first token, as steps of a larger verb, in this order. */
export function insertRefreshFamily(family: RefreshFamily, token: RefreshToken): readonly Step[] {
  const { id, grantId, clientId, expiresAt, createdAt, endedAt, confirmation } = family;
  const bound = confirmation === undefined ? null : toJson(confirmation);
  return [
    step(insertFamily, id, grantId, clientId, expiresAt, createdAt, nullable(endedAt), bound),
    insertRefreshToken(token),
  ];
}

export function createRefreshTokens(database: Database): RefreshTokens {
  return {
    async find(hash) {
      const candidates = await database.find<RefreshTokenColumns>(findRefreshToken, lookupOf(hash));
      const found = candidates.find((each) => equalBytes(each.hash, hash));
      return found === undefined ? undefined : toState(found);
    },

    rotate: (rotation) => database.write(() => rotate(rotation)),

    renew: ({ hash, at, expiresAt, accessToken }) =>
      database.write(function* (): Verb<'renewed' | 'gone'> {
        if ((yield* change(renewToken, hash, at, lookupOf(hash), expiresAt)) === 0) return 'gone';
        yield* lastly(insertAccessToken(accessToken), ...keepGrant(accessToken, at));
        return 'renewed';
      }),
  };
}

/** Exactly one call ever gets past the first write; the others repeat its answer, or are taken for thieves. */
function* rotate(rotation: RefreshRotation): Verb<RefreshRotationOutcome> {
  const { hash, at, successor, accessToken, sealedAnswer, graceMs } = rotation;
  if ((yield* change(rotateToken, hash, at, lookupOf(hash))) === 1) {
    yield* lastly(
      insertRefreshToken(successor),
      insertAccessToken(accessToken),
      ...keepGrant(accessToken, successor.expiresAt),
      step(keepAnswer, successor.familyId, hash, at, sealedAnswer),
    );
    return { outcome: 'rotated' };
  }
  const before = yield* row<{
    readonly grant_id: string;
    readonly rotated_at: number | null;
    readonly sealed_answer: Uint8Array | null;
  }>(readRotation, hash, at, lookupOf(hash));
  if (before === undefined || before.rotated_at === null) return { outcome: 'gone' };
  const { sealed_answer: answer } = before;
  if (answer !== null && at - before.rotated_at <= graceMs) {
    return { outcome: 'repeated', sealedAnswer: answer };
  }
  const ended = yield* endGrant({
    id: before.grant_id,
    reason: 'refresh_token_reuse',
    at,
    audit: rotation.reuseAudit,
  });
  return { outcome: ended ? 'reused' : 'gone' };
}

function insertRefreshToken({ hash, familyId, expiresAt, createdAt }: RefreshToken): Step {
  return step(refreshTokens.statement, lookupOf(hash), hash, familyId, expiresAt, createdAt);
}

/** @param keptUntil the grant is kept at least as long: a family keeps its own until it ends itself */
function keepGrant({ grantId, expiresAt }: AccessTokenRow, keptUntil: number): readonly Step[] {
  return grantId === undefined || expiresAt <= keptUntil ? [] : [keepGrantUntil(grantId, expiresAt)];
}

function toState(columns: RefreshTokenColumns): RefreshTokenState {
  return {
    token: present({
      hash: columns.hash,
      familyId: columns.family_id,
      expiresAt: columns.expires_at,
      createdAt: columns.created_at,
      rotatedAt: columns.rotated_at,
      sealedAnswer: columns.sealed_answer,
    }),
    family: present({
      id: columns.family_id,
      grantId: columns.grant_id,
      clientId: columns.family_client_id,
      expiresAt: columns.family_expires_at,
      createdAt: columns.family_created_at,
      endedAt: columns.family_ended_at,
      confirmation:
        columns.family_confirmation === null ? null : fromJson<Confirmation>(columns.family_confirmation),
    }),
    grant: toGrant(columns),
  };
}
