import type { AuthorizationCode } from '../../domain/authorization-code.ts';
import type { Grant } from '../../domain/grant.ts';
import { ANSWERED_REQUEST, type CodeRedemption, type Grants } from '../../ports/grants.ts';
import type { Database } from '../database.ts';
import { nullable, present } from '../columns.ts';
import { listPage, ofOrganizations } from '../list-page.ts';
import { change, lastly, row, statement, step } from '../statement.ts';
import type { Step, Verb } from '../statement.ts';
import { insertAccessToken, keepGrantUntil } from './access-tokens.ts';
import { recordAudit } from './audit.ts';
import { rememberConsent } from './consents.ts';
import { endGrant } from './end-grant.ts';
import { GRANT_COLUMNS, GRANT_IS_LIVE, toGrant } from './grant-columns.ts';
import type { GrantColumns } from './grant-columns.ts';
import { insertGrant } from './insert-grant.ts';
import { insertRefreshFamily } from './refresh-tokens.ts';
import { rememberUse, usedIdentifierHash } from './used-identifiers.ts';

interface CodeColumns extends GrantColumns {
  readonly hash: Uint8Array;
  readonly client_id: string;
  readonly redirect_uri: string;
  readonly code_challenge: string | null;
  readonly nonce: string | null;
  readonly dpop_jkt: string | null;
  readonly expires_at: number;
  readonly used_at: number | null;
}

const findGrant = statement('grant_find', `SELECT ${GRANT_COLUMNS} FROM grants WHERE grants.id = $1`);
const findCode = statement(
  'code_find',
  `SELECT ${GRANT_COLUMNS}, codes.hash, codes.client_id, codes.redirect_uri, codes.code_challenge, codes.nonce,
     codes.dpop_jkt, codes.expires_at, codes.used_at
   FROM authorization_codes AS codes JOIN grants ON grants.id = codes.grant_id WHERE codes.hash = $1`,
);
const insertCode = statement(
  'code_insert',
  `INSERT INTO authorization_codes (hash, grant_id, client_id, redirect_uri, code_challenge, nonce, dpop_jkt,
     expires_at, used_at)
   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
);
const insertSessionClient = statement(
  'session_client_insert',
  `INSERT INTO session_clients (sid, client_id, user_id, expires_at) VALUES ($1, $2, $3, $4)
   ON CONFLICT (sid, client_id) DO UPDATE SET expires_at = excluded.expires_at`,
);
// The one write that decides who redeems a code.
const useCode = statement(
  'code_use',
  `UPDATE authorization_codes SET used_at = $2 WHERE hash = $1 AND used_at IS NULL AND expires_at > $2
     AND (SELECT ${GRANT_IS_LIVE} FROM grants WHERE grants.id = authorization_codes.grant_id)`,
);
const readCodeUse = statement(
  'code_read_use',
  'SELECT grant_id, used_at FROM authorization_codes WHERE hash = $1',
);

export function createGrants(database: Database): Grants {
  return {
    authorize: ({ grant, code, consents = [], answers, audit, toldOfSignOut: told }) =>
      database.write(function* () {
        if (answers !== undefined) {
          const hash = usedIdentifierHash(ANSWERED_REQUEST, answers.id);
          if (!(yield* rememberUse(hash, answers.until, grant.createdAt))) return false;
        }
        yield { steps: [insertGrant(grant, code.expiresAt)], last: false };
        for (const consent of consents) yield* rememberConsent(consent);
        yield* lastly(
          codeStep(code),
          audit && recordAudit(audit),
          told && step(insertSessionClient, told.sid, grant.clientId, grant.userId, told.until),
        );
        return true;
      }),

    begin: ({ grant, accessToken, audit }) =>
      database.write(function* () {
        yield* lastly(
          insertGrant(grant, accessToken.expiresAt),
          insertAccessToken(accessToken),
          recordAudit(audit),
        );
      }),

    async findCode(hash) {
      const [found] = await database.find<CodeColumns>(findCode, hash);
      return found === undefined ? undefined : { code: toCode(found), grant: toGrant(found) };
    },

    redeemCode: (redemption) => database.write(() => redeemCode(redemption)),

    async find(id) {
      const [found] = await database.find<GrantColumns>(findGrant, id);
      return found === undefined ? undefined : toGrant(found);
    },

    end: (id, reason, at, audit) => database.write(() => endGrant({ id, reason, at, audit })),

    list: (filter, page) =>
      listPage<GrantColumns, Grant>(
        database,
        {
          name: 'grants',
          table: 'grants',
          select: `SELECT ${GRANT_COLUMNS} FROM {page} ORDER BY grants.seq DESC`,
          where: [
            ['user_id = $', filter.userId],
            ['client_id = $', filter.clientId],
            ofOrganizations('organization_id', filter.organizationIds),
          ],
          toItems: (rows) => rows.map(toGrant),
        },
        page,
      ),
  };
}

/** Exactly one call ever gets past the first write; whoever comes after ends what the first one got. */
function* redeemCode(redemption: CodeRedemption): Verb<'redeemed' | 'used' | 'gone'> {
  const { codeHash, at, accessToken, refresh } = redemption;
  if ((yield* change(useCode, codeHash, at)) === 1) {
    const { grantId } = accessToken;
    const liveUntil = Math.max(accessToken.expiresAt, refresh?.family.expiresAt ?? 0);
    // The family stands before its first token: the steps run in this order.
    yield* lastly(
      ...(refresh === undefined ? [] : insertRefreshFamily(refresh.family, refresh.token)),
      insertAccessToken(accessToken),
      grantId === undefined ? undefined : keepGrantUntil(grantId, liveUntil),
    );
    return 'redeemed';
  }
  const code = yield* row<{ grant_id: string; used_at: number | null }>(readCodeUse, codeHash);
  if (code === undefined || code.used_at === null) return 'gone';
  yield* endGrant({ id: code.grant_id, reason: 'code_reuse', at, audit: redemption.reuseAudit });
  return 'used';
}

function codeStep(code: AuthorizationCode): Step {
  return step(
    insertCode,
    code.hash,
    code.grantId,
    code.clientId,
    code.redirectUri,
    nullable(code.codeChallenge),
    nullable(code.nonce),
    nullable(code.dpopJkt),
    code.expiresAt,
    nullable(code.usedAt),
  );
}

function toCode(columns: CodeColumns): AuthorizationCode {
  return present({
    hash: columns.hash,
    grantId: columns.grant_id,
    clientId: columns.client_id,
    redirectUri: columns.redirect_uri,
    codeChallenge: columns.code_challenge,
    nonce: columns.nonce,
    dpopJkt: columns.dpop_jkt,
    expiresAt: columns.expires_at,
    usedAt: columns.used_at,
  });
}
