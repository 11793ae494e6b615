import { describe, expect, it } from 'vitest';
import type { CodeRedemption } from '../../ports/grants.ts';
import type { Store } from '../../ports/store.ts';
import type { Engine } from './engine.ts';
import { withNodes } from './nodes.ts';
import {
  accessToken,
  audit,
  authorize,
  bytes,
  code,
  family,
  grant,
  HOUR,
  NOW,
  redeem,
  refreshToken,
  SIGN_IN,
} from './samples.ts';
import type { Authorized } from './samples.ts';

const redemption = (of: Authorized, more: Partial<CodeRedemption> = {}): CodeRedemption => {
  const line = family(of.grant);
  return {
    codeHash: of.code.hash,
    at: NOW + 1000,
    accessToken: accessToken(of.grant),
    refresh: { family: line, token: refreshToken(line) },
    reuseAudit: audit('authorization_code.reused', { grantId: of.grant.id, clientId: of.client.id }),
    ...more,
  };
};

/** Grants, authorization codes and consents. */
export function grantsContract(engine: Engine): void {
  let store: Store;
  let otherNode: Store;
  withNodes(engine, (nodes) => ({ store, otherNode } = nodes));
  /** One node and the other, where there are two. */
  const node = (index: number): Store => (index % 2 === 0 ? store : otherNode);

  const audited = async (of: Authorized, type: string): Promise<number> =>
    (await store.audit.list({ type, clientId: of.client.id }, { limit: 200 })).items.length;

  describe('authorize', () => {
    it('keeps nothing when one part is refused', async () => {
      const { user, client, code: taken } = await authorize(store);
      const second = grant(user, client);
      const failing = store.grants.authorize({ grant: second, code: code(second, { hash: taken.hash }) });
      await expect(failing).rejects.toThrow(/unique|taken/);
      expect(await store.grants.find(second.id)).toBeUndefined();
    });
    it('gives back grant and code', async () => {
      const plain = await authorize(store);
      expect(await store.grants.findCode(plain.code.hash)).toEqual({ code: plain.code, grant: plain.grant });
      expect(await store.grants.find(plain.grant.id)).toEqual(plain.grant);
      expect(await store.grants.findCode(bytes())).toBeUndefined();
      const full = await authorize(store, {
        grant: { sessionId: 'session', scopes: [], resourceId: 'issuer', amr: ['pwd', 'otp'] },
        code: { nonce: 'n-0S6_WzA2Mj', usedAt: NOW },
      });
      expect(await store.grants.findCode(full.code.hash)).toEqual({ code: full.code, grant: full.grant });
    });
    it('forgets what was agreed to before and is refused now', async () => {
      const { user, client } = await authorize(store);
      const agree = async (scopes: readonly string[], refused?: readonly string[]): Promise<void> => {
        const next = grant(user, client);
        const about = { userId: user.id, clientId: client.id, updatedAt: NOW };
        const consents = [{ ...about, scopes, ...(refused === undefined ? {} : { refused }) }];
        await store.grants.authorize({ grant: next, code: code(next), consents });
      };
      await agree(['openid', 'profile', 'email']);
      await agree(['openid', 'playlist'], ['profile', 'never']);
      const found = await store.consents.find(user.id, client.id, undefined);
      expect(new Set(found?.scopes)).toEqual(new Set(['openid', 'email', 'playlist']));
      await agree(['openid'], ['email']);
      expect((await store.consents.find(user.id, client.id, undefined))?.scopes).not.toContain('email');
    });
    it('remembers the union of what was agreed to, for each API apart', async () => {
      const { user, client } = await authorize(store);
      const agree = async (scopes: readonly string[], resourceId?: string): Promise<void> => {
        const next = grant(user, client);
        const consent = {
          userId: user.id,
          clientId: client.id,
          scopes,
          updatedAt: NOW,
          ...(resourceId !== undefined && { resourceId }),
        };
        await store.grants.authorize({
          grant: next,
          code: code(next),
          consents: [consent],
          audit: audit('consent.granted'),
        });
      };
      await agree(['openid', 'profile']);
      await Promise.all([agree(['email', 'openid']), agree(['playlist']), agree(['tracks:read'], 'res_1')]);
      const found = await store.consents.find(user.id, client.id, undefined);
      expect(new Set(found?.scopes)).toEqual(new Set(['openid', 'profile', 'email', 'playlist']));
      expect(await store.consents.find(user.id, client.id, 'res_1')).toMatchObject({
        resourceId: 'res_1',
        scopes: ['tracks:read'],
      });
      await store.consents.forget(user.id, client.id);
      expect(await store.consents.find(user.id, client.id, undefined)).toBeUndefined();
      expect(await store.consents.find(user.id, client.id, 'res_1')).toBeUndefined();
    });
  });

  describe('redeemCode', () => {
    it('is gone: unknown, expired at the very millisecond, its grant ended, its client disabled', async () => {
      const unknown = await authorize(store);
      expect(await store.grants.redeemCode(redemption(unknown, { codeHash: bytes() }))).toBe('gone');
      expect(await store.grants.redeemCode(redemption(unknown, { at: unknown.code.expiresAt }))).toBe('gone');
      expect(await store.grants.redeemCode(redemption(unknown, { at: unknown.code.expiresAt - 1 }))).toBe(
        'redeemed',
      );
      const ended = await authorize(store);
      await store.grants.end(ended.grant.id, 'revoked_by_admin', NOW, audit('grant.ended'));
      expect(await store.grants.redeemCode(redemption(ended))).toBe('gone');
      const disabled = await authorize(store);
      await store.clients.update({ ...disabled.client, status: 'disabled' }, audit('client.updated'));
      const refused = redemption(disabled);
      expect(await store.grants.redeemCode(refused)).toBe('gone');
      expect(await store.accessTokens.find(refused.accessToken.id)).toBeUndefined();
      expect(await store.refreshTokens.find(refused.refresh?.token.hash ?? bytes())).toBeUndefined();
    });
    it('writes what the code bought', async () => {
      const of = await authorize(store);
      const bought = redemption(of);
      expect(await store.grants.redeemCode(bought)).toBe('redeemed');
      expect((await store.grants.findCode(of.code.hash))?.code.usedAt).toBe(bought.at);
      expect(await store.accessTokens.find(bought.accessToken.id)).toEqual({
        row: bought.accessToken,
        signIn: SIGN_IN,
      });
      expect(await store.refreshTokens.find(bought.refresh?.token.hash ?? bytes())).toEqual({
        token: bought.refresh?.token,
        family: bought.refresh?.family,
        grant: of.grant,
      });
    });
    it('works without a refresh token', async () => {
      const { refresh: _, ...bought } = redemption(await authorize(store));
      expect(await store.grants.redeemCode(bought)).toBe('redeemed');
      expect(await store.accessTokens.find(bought.accessToken.id)).toEqual({
        row: bought.accessToken,
        signIn: SIGN_IN,
      });
    });
    it('ends everything at the second use, late ones too, and audits it once', async () => {
      const of = await authorize(store);
      const bought = redemption(of);
      await store.grants.redeemCode(bought);
      expect(await store.grants.redeemCode(redemption(of, { at: NOW + HOUR }))).toBe('used');
      expect(await store.grants.redeemCode(redemption(of, { at: NOW + HOUR + 1 }))).toBe('used');
      expect(await store.grants.find(of.grant.id)).toMatchObject({
        endedAt: NOW + HOUR,
        endReason: 'code_reuse',
      });
      expect((await store.accessTokens.find(bought.accessToken.id))?.endedAt).toBe(NOW + HOUR);
      expect((await store.refreshTokens.find(bought.refresh?.token.hash ?? bytes()))?.family.endedAt).toBe(
        NOW + HOUR,
      );
      expect(await audited(of, 'authorization_code.reused')).toBe(1);
    });
    it('answers redeemed to exactly one of 32 at once, and ends the grant for the others', async () => {
      const of = await authorize(store);
      const all = Array.from({ length: 32 }, () => redemption(of));
      const outcomes = await Promise.all(all.map((each, index) => node(index).grants.redeemCode(each)));
      expect(outcomes.filter((outcome) => outcome === 'redeemed')).toHaveLength(1);
      expect(outcomes.filter((outcome) => outcome === 'used')).toHaveLength(31);
      expect((await store.grants.find(of.grant.id))?.endReason).toBe('code_reuse');
      const tokens = await Promise.all(all.map((each) => store.accessTokens.find(each.accessToken.id)));
      const written = tokens.filter((token) => token !== undefined);
      expect(written).toHaveLength(1);
      expect(written[0]?.endedAt).toBeDefined();
      expect(await audited(of, 'authorization_code.reused')).toBe(1);
    });
  });

  describe('end', () => {
    it('is false for what is unknown or has ended; ends all that hangs from the grant, once', async () => {
      expect(await store.grants.end('gra_none', 'revoked_by_admin', NOW, audit('grant.ended'))).toBe(false);
      const of = await redeem(store);
      const ending = Array.from({ length: 8 }, (_, index) =>
        node(index).grants.end(
          of.grant.id,
          'revoked_by_client',
          NOW + 5,
          audit('grant.ended', { clientId: of.client.id }),
        ),
      );
      expect((await Promise.all(ending)).filter(Boolean)).toHaveLength(1);
      expect(await audited(of, 'grant.ended')).toBe(1);
      expect(await store.grants.find(of.grant.id)).toEqual({
        ...of.grant,
        endedAt: NOW + 5,
        endReason: 'revoked_by_client',
      });
      expect(await store.accessTokens.find(of.accessToken.id)).toEqual({
        row: of.accessToken,
        endedAt: NOW + 5,
        signIn: SIGN_IN,
      });
      expect((await store.refreshTokens.find(of.refreshToken.hash))?.family.endedAt).toBe(NOW + 5);
    });
  });
}
