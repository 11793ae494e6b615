import { beforeEach, describe, expect, it } from 'vitest';
import { EXPIRED_TOKEN_RETENTION_MS } from '../../domain/access-token.ts';
import type { Store } from '../../ports/store.ts';
import type { Engine } from './engine.ts';
import {
  accessToken,
  audit,
  authorize,
  bytes,
  client,
  DAY,
  HOUR,
  NOW,
  redeem,
  refreshToken,
  session,
} from './samples.ts';

const GRACE = 30_000;

/** What clearing up deletes, and what it leaves. */
export function purgeContract(engine: Engine): void {
  describe('purge', () => {
    let fresh: Store;
    beforeEach(async () => {
      const opened = await engine.open();
      fresh = opened.store;
      await opened.otherNode?.close();
      return () => fresh.close();
    });

    it('leaves what is alive, however often it runs', async () => {
      const of = await redeem(fresh);
      const signedIn = session(of.user);
      await fresh.sessions.start(signedIn, undefined, audit('sign_in'));
      await fresh.failedAttempts.record(['key'], NOW);
      expect(await fresh.maintenance.purge(NOW + 1, GRACE)).toEqual({ deleted: 0 });
      // The session, the attempt and the code, which was used more than a day before.
      const almost = NOW + HOUR + EXPIRED_TOKEN_RETENTION_MS - 1;
      expect(await fresh.maintenance.purge(almost, GRACE)).toEqual({ deleted: 3 });
      expect(await fresh.accessTokens.find(of.accessToken.id)).toBeDefined();
      expect(await fresh.refreshTokens.find(of.refreshToken.hash)).toBeDefined();
      expect(await fresh.grants.find(of.grant.id)).toEqual(of.grant);
    });
    it('sweeps away all apps that registered themselves and are not used, in one run', async () => {
      const strangers = Array.from({ length: 250 }, () => client({ registeredBy: 'registration' }));
      const registered = strangers.map((each) =>
        fresh.registrations.create({
          client: each,
          tokenHash: bytes(),
          at: NOW,
          audit: audit('client.created'),
        }),
      );
      await Promise.all(registered);
      const swept = await fresh.registrations.sweep(NOW + 1, NOW + DAY, () => audit('client.deleted'));
      expect(new Set(swept)).toEqual(new Set(strangers.map(({ id }) => id)));
    });
    it('deletes codes: unused ones at their end, used ones a day later', async () => {
      const [unused, used] = [await authorize(fresh), await redeem(fresh)];
      await fresh.maintenance.purge(unused.code.expiresAt - 1, GRACE);
      expect(await fresh.grants.findCode(unused.code.hash)).toBeDefined();
      await fresh.maintenance.purge(unused.code.expiresAt, GRACE);
      expect(await fresh.grants.findCode(unused.code.hash)).toBeUndefined();
      expect(await fresh.grants.findCode(used.code.hash)).toBeDefined();
      await fresh.maintenance.purge(used.code.expiresAt + DAY, GRACE);
      expect(await fresh.grants.findCode(used.code.hash)).toBeUndefined();
    });
    it('forgets the sealed answer after the grace', async () => {
      const of = await redeem(fresh);
      const rotation = {
        hash: of.refreshToken.hash,
        at: NOW,
        successor: refreshToken(of.family),
        accessToken: accessToken(of.grant),
        sealedAnswer: bytes(),
        graceMs: GRACE,
        reuseAudit: audit('refresh_token.reused'),
      };
      await fresh.refreshTokens.rotate(rotation);
      await fresh.maintenance.purge(NOW + GRACE, GRACE);
      expect((await fresh.refreshTokens.find(of.refreshToken.hash))?.token.sealedAnswer).toEqual(
        rotation.sealedAnswer,
      );
      await fresh.maintenance.purge(NOW + GRACE + 1, GRACE);
      expect((await fresh.refreshTokens.find(of.refreshToken.hash))?.token.sealedAnswer).toBeUndefined();
      expect(await fresh.refreshTokens.rotate({ ...rotation, at: NOW + 1 })).toEqual({ outcome: 'reused' });
    });
    it('deletes tokens past their retention, sessions and attempts, and at last the grant', async () => {
      const of = await redeem(fresh, { family: { expiresAt: NOW + 2 * DAY } });
      const [left, ended] = [session(of.user), session(of.user)];
      await fresh.sessions.start(left, undefined, audit('sign_in'));
      await fresh.sessions.start(ended, undefined, audit('sign_in'));
      await fresh.sessions.end(ended, NOW, audit('sign_out'));
      await fresh.failedAttempts.record(['key'], NOW);
      await fresh.maintenance.purge(NOW + HOUR + EXPIRED_TOKEN_RETENTION_MS, GRACE);
      expect(await fresh.accessTokens.find(of.accessToken.id)).toBeUndefined();
      const counted = [{ key: 'key', limit: 1, windowMs: NOW }];
      expect(await fresh.failedAttempts.freeAt(counted, NOW)).toBeUndefined();
      expect(await fresh.refreshTokens.find(of.refreshToken.hash)).toBeDefined();
      await fresh.maintenance.purge(NOW + 2 * DAY, GRACE);
      expect(await fresh.refreshTokens.find(of.refreshToken.hash)).toBeUndefined();
      expect(await fresh.grants.find(of.grant.id)).toBeDefined();
      await fresh.maintenance.purge(NOW + 3 * DAY, GRACE);
      expect(await fresh.grants.find(of.grant.id)).toBeUndefined();
      expect(await fresh.users.find(of.user.id)).toBeDefined();
    });
    it('deletes a family whose leaf expired unused', async () => {
      const of = await redeem(fresh);
      await fresh.maintenance.purge(of.refreshToken.expiresAt, GRACE);
      expect(await fresh.refreshTokens.find(of.refreshToken.hash)).toBeUndefined();
      const { deleted } = await fresh.maintenance.purge(of.refreshToken.expiresAt + DAY, GRACE);
      expect(deleted).toBeGreaterThan(0);
    });
    it('works through more than one batch', async () => {
      const app = client();
      await fresh.clients.create(app, audit('client.created'));
      const rows = Array.from({ length: 1203 }, () => accessToken(undefined, { clientId: app.id }));
      await Promise.all(rows.map((row) => fresh.accessTokens.issue(row)));
      expect(await fresh.maintenance.purge(NOW + 3 * DAY, GRACE)).toEqual({ deleted: 1203 });
    });
  });
}
