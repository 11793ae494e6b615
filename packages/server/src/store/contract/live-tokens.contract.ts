import { describe, expect, it } from 'vitest';
import type { Store } from '../../ports/store.ts';
import type { Engine } from './engine.ts';
import { withNodes } from './nodes.ts';
import {
  accessToken,
  audit,
  bytes,
  DAY,
  HOUR,
  NOW,
  redeem,
  refreshToken,
  resource,
  SIGN_IN,
} from './samples.ts';
import type { Redeemed } from './samples.ts';

type Ending = (store: Store, of: Redeemed) => Promise<unknown>;

/** Everything that ends an access token. */
const ENDINGS: readonly (readonly [what: string, end: Ending])[] = [
  [
    'its own revocation',
    (store, { accessToken: { id } }) => store.accessTokens.revoke(id, NOW, audit('token.revoked')),
  ],
  [
    'the end of its grant',
    (store, { grant }) => store.grants.end(grant.id, 'revoked_by_admin', NOW, audit('grant.ended')),
  ],
  [
    'a second use of its code',
    (store, { code, grant }) =>
      store.grants.redeemCode({
        codeHash: code.hash,
        at: NOW,
        accessToken: accessToken(grant),
        reuseAudit: audit('authorization_code.reused'),
      }),
  ],
  [
    'a refresh token used again',
    async (store, { grant, family, refreshToken: { hash } }) => {
      const use = {
        hash,
        at: NOW,
        successor: refreshToken(family),
        sealedAnswer: bytes(),
        graceMs: -1,
        reuseAudit: audit('refresh_token.reused'),
      };
      await store.refreshTokens.rotate({ ...use, accessToken: accessToken(grant) });
      await store.refreshTokens.rotate({ ...use, accessToken: accessToken(grant) });
    },
  ],
  [
    'disabling its user',
    (store, { user }) =>
      store.users.update({ ...user, status: 'disabled', updatedAt: NOW + 1 }, audit('user.updated')),
  ],
  ['deleting its user', (store, { user }) => store.users.delete(user.id, audit('user.deleted'))],
  [
    'disabling its client',
    (store, { client }) =>
      store.clients.update({ ...client, status: 'disabled', updatedAt: NOW + 1 }, audit('client.updated')),
  ],
  ['deleting its client', (store, { client }) => store.clients.delete(client.id, audit('client.deleted'))],
  [
    'deleting its API',
    (store, { accessToken: { resourceId = '' } }) =>
      store.resources.delete(resourceId, audit('resource.deleted')),
  ],
  ['clearing up, long after it expired', (store) => store.maintenance.purge(NOW + HOUR + DAY, 0)],
];

/** A token is found good until it ends, and never again, however often it was found before. */
export function liveTokensContract(engine: Engine): void {
  let store: Store;
  let otherNode: Store;
  withNodes(engine, (nodes) => ({ store, otherNode } = nodes));

  /** A token with a grant, a user, a client and an API; none of them anyone else's. */
  const issue = async (): Promise<Redeemed> => {
    const api = resource();
    await store.resources.create(api, audit('resource.created'));
    const of = await redeem(store);
    const row = accessToken(of.grant, { resourceId: api.id });
    await store.accessTokens.issue(row);
    return { ...of, accessToken: row };
  };

  describe('an access token that was found good', () => {
    it.each(ENDINGS)('is ended by %s', async (_what, end) => {
      const of = await issue();
      const { accessToken: row } = of;
      for (const node of [store, otherNode]) {
        // oxlint-disable-next-line no-await-in-loop -- one after the other, so that the second may be from memory
        expect(await node.accessTokens.find(row.id)).toEqual({ row, signIn: SIGN_IN });
      }
      await end(store, of);
      const found = await Promise.all([store, otherNode].map((node) => node.accessTokens.find(row.id)));
      for (const state of found) expect(state === undefined || state.endedAt !== undefined).toBe(true);
    });
    it.each(ENDINGS)('is not kept by a read that began before %s', async (_what, end) => {
      const of = await issue();
      const { id } = of.accessToken;
      const reading = store.accessTokens.find(id);
      const ending = end(store, of);
      const readingMeanwhile = store.accessTokens.find(id);
      await Promise.all([reading, ending, readingMeanwhile]);
      const state = await store.accessTokens.find(id);
      expect(state === undefined || state.endedAt !== undefined).toBe(true);
    });
    it('stays good when others end', async () => {
      const [one, other] = [await issue(), await issue()];
      expect(await store.accessTokens.find(one.accessToken.id)).toEqual({
        row: one.accessToken,
        signIn: SIGN_IN,
      });
      await store.accessTokens.revoke(other.accessToken.id, NOW, audit('token.revoked'));
      await store.grants.end(other.grant.id, 'revoked_by_admin', NOW, audit('grant.ended'));
      expect(await store.accessTokens.find(one.accessToken.id)).toEqual({
        row: one.accessToken,
        signIn: SIGN_IN,
      });
    });
  });
}
