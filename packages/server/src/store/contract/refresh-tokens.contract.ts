import { describe, expect, it } from 'vitest';
import type { RefreshRotation } from '../../ports/refresh-tokens.ts';
import type { Store } from '../../ports/store.ts';
import type { Engine } from './engine.ts';
import { withNodes } from './nodes.ts';
import { accessToken, audit, bytes, DAY, HOUR, NOW, redeem, refreshToken, SIGN_IN } from './samples.ts';
import type { Authorized, Redeemed } from './samples.ts';

const GRACE = 30_000;

const rotation = (of: Redeemed, hash: Uint8Array, more: Partial<RefreshRotation> = {}): RefreshRotation => ({
  hash,
  at: NOW + HOUR,
  successor: refreshToken(of.family),
  accessToken: accessToken(of.grant),
  sealedAnswer: bytes(),
  graceMs: GRACE,
  reuseAudit: audit('refresh_token.reused', { clientId: of.client.id }),
  ...more,
});

const renewal = (
  of: Redeemed,
  expiresAt: number,
  at = NOW + HOUR,
): Parameters<Store['refreshTokens']['renew']>[0] => ({
  hash: of.refreshToken.hash,
  at,
  expiresAt,
  accessToken: accessToken(of.grant),
});

/** Refresh tokens: each once, and what follows when one comes again. */
export function refreshTokensContract(engine: Engine): void {
  let store: Store;
  let otherNode: Store;
  withNodes(engine, (nodes) => ({ store, otherNode } = nodes));
  /** One node and the other, where there are two. */
  const node = (index: number): Store => (index % 2 === 0 ? store : otherNode);

  const audited = async (of: Authorized, type: string): Promise<number> =>
    (await store.audit.list({ type, clientId: of.client.id }, { limit: 200 })).items.length;

  describe('rotate', () => {
    it('is gone: unknown, expired at the very millisecond, family or grant ended', async () => {
      const of = await redeem(store);
      const { hash, expiresAt } = of.refreshToken;
      expect(await store.refreshTokens.rotate(rotation(of, bytes()))).toEqual({ outcome: 'gone' });
      expect(await store.refreshTokens.rotate(rotation(of, hash, { at: expiresAt }))).toEqual({
        outcome: 'gone',
      });
      const short = await redeem(store, { family: { expiresAt: NOW + DAY } });
      expect(
        await store.refreshTokens.rotate(rotation(short, short.refreshToken.hash, { at: NOW + DAY })),
      ).toEqual({ outcome: 'gone' });
      await store.grants.end(of.grant.id, 'revoked_by_admin', NOW, audit('grant.ended'));
      const refused = rotation(of, hash);
      expect(await store.refreshTokens.rotate(refused)).toEqual({ outcome: 'gone' });
      expect(await store.accessTokens.find(refused.accessToken.id)).toBeUndefined();
      expect(await store.refreshTokens.find(refused.successor.hash)).toBeUndefined();
      expect(await store.refreshTokens.find(bytes())).toBeUndefined();
    });
    it('replaces the token and writes the access token', async () => {
      const of = await redeem(store);
      const first = rotation(of, of.refreshToken.hash);
      expect(await store.refreshTokens.rotate(first)).toEqual({ outcome: 'rotated' });
      expect(await store.refreshTokens.find(first.successor.hash)).toEqual({
        token: first.successor,
        family: of.family,
        grant: of.grant,
      });
      expect((await store.refreshTokens.find(of.refreshToken.hash))?.token).toEqual({
        ...of.refreshToken,
        rotatedAt: first.at,
        sealedAnswer: first.sealedAnswer,
      });
      expect(await store.accessTokens.find(first.accessToken.id)).toEqual({
        row: first.accessToken,
        signIn: SIGN_IN,
      });
    });
    it('repeats the same bytes within the grace, its last millisecond included', async () => {
      const of = await redeem(store);
      const first = rotation(of, of.refreshToken.hash);
      await store.refreshTokens.rotate(first);
      for (const at of [first.at - 1, first.at, first.at + GRACE]) {
        const again = rotation(of, of.refreshToken.hash, { at });
        expect(await store.refreshTokens.rotate(again)).toEqual({
          outcome: 'repeated',
          sealedAnswer: first.sealedAnswer,
        });
        expect(await store.accessTokens.find(again.accessToken.id)).toBeUndefined();
      }
      expect((await store.grants.find(of.grant.id))?.endedAt).toBeUndefined();
    });
    it('takes a use after the grace for theft: everything ends, audited once', async () => {
      const of = await redeem(store);
      const first = rotation(of, of.refreshToken.hash);
      await store.refreshTokens.rotate(first);
      const late = first.at + GRACE + 1;
      expect(await store.refreshTokens.rotate(rotation(of, of.refreshToken.hash, { at: late }))).toEqual({
        outcome: 'reused',
      });
      expect(await store.grants.find(of.grant.id)).toMatchObject({
        endedAt: late,
        endReason: 'refresh_token_reuse',
      });
      expect((await store.refreshTokens.find(first.successor.hash))?.family.endedAt).toBe(late);
      expect((await store.accessTokens.find(first.accessToken.id))?.endedAt).toBe(late);
      expect((await store.accessTokens.find(of.accessToken.id))?.endedAt).toBe(late);
      expect(await store.refreshTokens.rotate(rotation(of, first.successor.hash, { at: late }))).toEqual({
        outcome: 'gone',
      });
      expect(await store.refreshTokens.rotate(rotation(of, of.refreshToken.hash, { at: late }))).toEqual({
        outcome: 'gone',
      });
      expect(await audited(of, 'refresh_token.reused')).toBe(1);
    });
    it('takes a use within the grace for theft once the successor was used, and forgets the answer', async () => {
      const of = await redeem(store);
      const first = rotation(of, of.refreshToken.hash);
      await store.refreshTokens.rotate(first);
      expect(await store.refreshTokens.rotate(rotation(of, first.successor.hash))).toEqual({
        outcome: 'rotated',
      });
      expect((await store.refreshTokens.find(of.refreshToken.hash))?.token.sealedAnswer).toBeUndefined();
      expect((await store.refreshTokens.find(first.successor.hash))?.token.sealedAnswer).toBeDefined();
      expect(await store.refreshTokens.rotate(rotation(of, of.refreshToken.hash))).toEqual({
        outcome: 'reused',
      });
    });
    it('rotates once for 32 at once; the others get the same bytes', async () => {
      const of = await redeem(store);
      const all = Array.from({ length: 32 }, () => rotation(of, of.refreshToken.hash));
      const outcomes = await Promise.all(all.map((each, index) => node(index).refreshTokens.rotate(each)));
      const winner = outcomes.findIndex(({ outcome }) => outcome === 'rotated');
      const expected = outcomes.map((_, index) =>
        index === winner
          ? { outcome: 'rotated' }
          : { outcome: 'repeated', sealedAnswer: all[winner]?.sealedAnswer },
      );
      expect(outcomes).toEqual(expected);
      const written = await Promise.all(all.map((each) => store.refreshTokens.find(each.successor.hash)));
      expect(written.filter((each) => each !== undefined)).toHaveLength(1);
      const late = all.map((each) => ({ ...each, at: each.at + GRACE + 1 }));
      const thefts = await Promise.all(late.map((each, index) => node(index).refreshTokens.rotate(each)));
      expect(thefts.filter(({ outcome }) => outcome === 'reused')).toHaveLength(1);
      expect(thefts.filter(({ outcome }) => outcome === 'gone')).toHaveLength(31);
      expect((await store.grants.find(of.grant.id))?.endReason).toBe('refresh_token_reuse');
      expect((await store.accessTokens.find(of.accessToken.id))?.endedAt).toBeDefined();
      expect(await audited(of, 'refresh_token.reused')).toBe(1);
    });
  });

  describe('renew', () => {
    it('is gone: unknown, expired, rotated, ended', async () => {
      const of = await redeem(store);
      expect(await store.refreshTokens.renew({ ...renewal(of, NOW + DAY), hash: bytes() })).toBe('gone');
      expect(await store.refreshTokens.renew(renewal(of, NOW + DAY, of.refreshToken.expiresAt))).toBe('gone');
      await store.grants.end(of.grant.id, 'revoked_by_admin', NOW, audit('grant.ended'));
      const refused = renewal(of, NOW + DAY);
      expect(await store.refreshTokens.renew(refused)).toBe('gone');
      expect(await store.accessTokens.find(refused.accessToken.id)).toBeUndefined();
    });
    it('moves the idle end, never past the end of the family', async () => {
      const of = await redeem(store);
      const first = renewal(of, NOW + 40 * DAY);
      expect(await store.refreshTokens.renew(first)).toBe('renewed');
      expect(await store.accessTokens.find(first.accessToken.id)).toEqual({
        row: first.accessToken,
        signIn: SIGN_IN,
      });
      expect((await store.refreshTokens.find(of.refreshToken.hash))?.token.expiresAt).toBe(NOW + 40 * DAY);
      await store.refreshTokens.renew(renewal(of, NOW + 400 * DAY));
      expect((await store.refreshTokens.find(of.refreshToken.hash))?.token.expiresAt).toBe(
        of.family.expiresAt,
      );
    });
  });
}
