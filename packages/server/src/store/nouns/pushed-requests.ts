import type { PushedRequest } from '../../domain/pushed-request.ts';
import { ANSWERED_REQUEST } from '../../ports/grants.ts';
import type { PushedRequests } from '../../ports/pushed-requests.ts';
import { fromJson, nullable, present, toJson } from '../columns.ts';
import type { Database } from '../database.ts';
import { lastly, statement, step } from '../statement.ts';
import { usedIdentifierHash } from './used-identifiers.ts';

interface PushedRequestColumns {
  readonly hash: Uint8Array;
  readonly client_id: string;
  readonly parameters: string;
  readonly dpop_jkt: string | null;
  readonly expires_at: number;
}

const insertRequest = statement(
  'pushed_request_insert',
  'INSERT INTO pushed_requests (hash, client_id, parameters, dpop_jkt, expires_at) VALUES ($1, $2, $3, $4, $5)',
);
const findRequest = statement(
  'pushed_request_find',
  `SELECT hash, client_id, parameters, dpop_jkt, expires_at FROM pushed_requests
   WHERE hash = $1 AND expires_at > $3 AND NOT EXISTS (SELECT 1 FROM used_identifiers WHERE used_identifiers.hash = $2)`,
);

export function createPushedRequests(database: Database): PushedRequests {
  return {
    push: ({ hash, clientId, parameters, dpopJkt, expiresAt }) =>
      database.write(function* () {
        const values = [hash, clientId, toJson(parameters), nullable(dpopJkt), expiresAt] as const;
        yield* lastly(step(insertRequest, ...values));
      }),
    async find(hash, answeredAs, now) {
      const answered = usedIdentifierHash(ANSWERED_REQUEST, answeredAs);
      const [found] = await database.find<PushedRequestColumns>(findRequest, hash, answered, now);
      return found === undefined ? undefined : toPushedRequest(found);
    },
  };
}

function toPushedRequest(columns: PushedRequestColumns): PushedRequest {
  return present({
    hash: columns.hash,
    clientId: columns.client_id,
    parameters: fromJson<PushedRequest['parameters']>(columns.parameters),
    dpopJkt: columns.dpop_jkt,
    expiresAt: columns.expires_at,
  });
}
