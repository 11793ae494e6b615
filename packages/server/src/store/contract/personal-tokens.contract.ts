import { describe, expect, it } from 'vitest';
import {
  ENDED_PERSONAL_TOKEN_RETENTION_MS,
  MOST_PERSONAL_TOKENS,
  type PersonalAccessToken,
  type PersonalTokenStatus,
} from '../../domain/personal-access-token.ts';
import { standardTokenRules } from '../../domain/token-rules.ts';
import type { User } from '../../domain/user.ts';
import type { Store } from '../../ports/store.ts';
import type { Engine } from './engine.ts';
import { withNodes } from './nodes.ts';
import { audit, bytes, DAY, HOUR, name, NOW, personalToken, resource, user } from './samples.ts';

const RACERS = 32;

/** Personal access tokens, what organizations allow of them, and where tokens were last used. */
export function personalTokensContract(engine: Engine): void {
  let store: Store;
  let otherNode: Store;
  withNodes(engine, (nodes) => ({ store, otherNode } = nodes));

  const hold = async (more: Partial<PersonalAccessToken> = {}): Promise<PersonalAccessToken> => {
    const owner = user();
    await store.users.create(owner, audit('user.created'));
    const token = personalToken(owner, more);
    expect(await store.personalAccessTokens.create(token, audit('personal_access_token.created'))).toBe(true);
    return token;
  };
  const tokenOf = async ({ id }: { readonly id: string }): Promise<PersonalAccessToken | undefined> =>
    (await otherNode.personalAccessTokens.find(id))?.token;
  const racing = async (race: (node: Store, index: number) => Promise<boolean>): Promise<number> => {
    const racers = Array.from({ length: RACERS }, (_, index) =>
      race(index % 2 === 0 ? store : otherNode, index),
    );
    return (await Promise.all(racers)).filter(Boolean).length;
  };

  it('finds what was made, by id and by hash, with its owner', async () => {
    const bare = await hold({ expiresAt: NOW + DAY });
    const { expiresAt: _, ...never } = personalToken(user(), {
      approval: 'pending',
      approvalOrganizationId: 'org_x',
    });
    const owner = user({ role: 'admin' });
    await store.users.create(owner, audit('user.created'));
    const full = { ...never, userId: owner.id, description: 'nightly', regeneratedFrom: bare.id };
    await store.personalAccessTokens.create(full, audit('personal_access_token.created'));
    expect((await store.personalAccessTokens.findByHash(bare.hash))?.token).toEqual(bare);
    expect(await otherNode.personalAccessTokens.find(full.id)).toEqual({
      token: full,
      owner: {
        id: owner.id,
        organizationId: owner.organizationId,
        role: 'admin',
        status: 'active',
        displayName: owner.displayName,
        email: owner.email,
      },
    });
    expect(await store.personalAccessTokens.findByHash(bytes())).toBeUndefined();
    expect(await store.personalAccessTokens.find('pat_none')).toBeUndefined();
  });

  it('lets nobody have more than there is room for', async () => {
    const owner = user();
    await store.users.create(owner, audit('user.created'));
    const create = (more: Partial<PersonalAccessToken> = {}): Promise<boolean> =>
      store.personalAccessTokens.create(personalToken(owner, more), audit('personal_access_token.created'));
    await create({ expiresAt: NOW });
    const made = await Promise.all(Array.from({ length: MOST_PERSONAL_TOKENS }, () => create()));
    expect(made.every(Boolean)).toBe(true);
    expect(await create()).toBe(false);
    const { items } = await store.personalAccessTokens.list({ userId: owner.id }, { limit: 200 });
    expect(items).toHaveLength(MOST_PERSONAL_TOKENS + 1);
  });

  it('changes only what is as it was, and not revoked', async () => {
    const token = await hold();
    const changed = { ...token, name: 'other', scopes: ['a'], updatedAt: NOW + 1 };
    const event = audit('personal_access_token.updated');
    expect(
      await racing((node, index) =>
        node.personalAccessTokens.update({ ...changed, updatedAt: NOW + 1 + index }, event, token),
      ),
    ).toBe(1);
    const now = await tokenOf(token);
    expect(now).toMatchObject({ name: 'other', scopes: ['a'] });
    await store.personalAccessTokens.revoke(token.id, NOW + 99, 'revoked_by_owner', event);
    const again = { ...token, updatedAt: NOW + 100 };
    expect(await store.personalAccessTokens.update(again, event, { ...token, updatedAt: NOW + 99 })).toBe(
      false,
    );
  });

  it('revokes once', async () => {
    const token = await hold();
    const event = audit('personal_access_token.revoked');
    expect(
      await racing((node) => node.personalAccessTokens.revoke(token.id, NOW + 5, 'revoked_by_admin', event)),
    ).toBe(1);
    expect(await tokenOf(token)).toMatchObject({ revokedAt: NOW + 5, revokedReason: 'revoked_by_admin' });
  });

  it('puts one other in the place of a token, however many try', async () => {
    const token = await hold();
    const event = audit('personal_access_token.regenerated');
    const successors = Array.from({ length: RACERS }, () => ({
      ...token,
      id: name('pat_'),
      hash: bytes(),
      regeneratedFrom: token.id,
    }));
    const replaced = { id: token.id, at: NOW + 1, endsAt: NOW + 1 };
    expect(
      await racing(async (node, index) => {
        const successor = successors[index] ?? token;
        return (await node.personalAccessTokens.regenerate(successor, replaced, event)) === 'regenerated';
      }),
    ).toBe(1);
    const { items } = await store.personalAccessTokens.list({ userId: token.userId }, { limit: 200 });
    expect(items.map((each) => each.token.revokedReason)).toEqual([undefined, 'regenerated']);
    expect(await store.personalAccessTokens.regenerate(successors[1] ?? token, replaced, event)).toBe(
      'ended',
    );
  });

  it('leaves no more than so many, if the old one stays for a while', async () => {
    const owner = user();
    await store.users.create(owner, audit('user.created'));
    const event = audit('personal_access_token.regenerated');
    const all = Array.from({ length: MOST_PERSONAL_TOKENS }, () => personalToken(owner));
    await Promise.all(all.map((each) => store.personalAccessTokens.create(each, event)));
    const [first = personalToken(owner)] = all;
    const regenerate = (endsAt: number) =>
      store.personalAccessTokens.regenerate(
        { ...first, id: name('pat_'), hash: bytes() },
        { id: first.id, at: NOW, endsAt },
        event,
      );
    expect(await regenerate(NOW + HOUR)).toBe('too_many');
    expect(await tokenOf(first)).toEqual(first);
    expect(await regenerate(NOW)).toBe('regenerated');
  });

  it('end with a password only if their owner wants that', async () => {
    const token = await hold();
    const owner = await store.users.find(token.userId);
    if (owner === undefined) throw new Error('the owner is gone');
    const event = audit('password.changed');
    const one = { ...owner, passwordHash: 'one', updatedAt: NOW + 1 };
    await store.users.update(one, event, owner, { endsPersonalTokens: false });
    expect((await tokenOf(token))?.revokedAt).toBeUndefined();
    // Without another password there is nothing that would end.
    const named = { ...one, displayName: 'Other', updatedAt: NOW + 2 };
    await store.users.update(named, event, one, { endsPersonalTokens: true });
    expect((await tokenOf(token))?.revokedAt).toBeUndefined();
    const two = { ...named, passwordHash: 'two', updatedAt: NOW + 3 };
    await store.users.update(two, event, named, { endsPersonalTokens: true });
    expect(await tokenOf(token)).toMatchObject({ revokedAt: NOW + 3, revokedReason: 'password_changed' });
  });

  it('leaves the old one for the time that was asked for, and never longer than it had', async () => {
    const [long, short] = [await hold({ expiresAt: NOW + DAY }), await hold({ expiresAt: NOW + 10 })];
    const event = audit('personal_access_token.regenerated');
    for (const token of [long, short]) {
      const successor = { ...token, id: name('pat_'), hash: bytes() };
      // oxlint-disable-next-line no-await-in-loop -- two of them
      await store.personalAccessTokens.regenerate(
        successor,
        { id: token.id, at: NOW, endsAt: NOW + HOUR },
        event,
      );
    }
    expect(await tokenOf(long)).toMatchObject({ expiresAt: NOW + HOUR, regeneratedAt: NOW });
    expect((await tokenOf(long))?.revokedAt).toBeUndefined();
    expect((await tokenOf(short))?.expiresAt).toBe(NOW + 10);
  });

  it('is decided about once, one way', async () => {
    const token = await hold({ approval: 'pending' });
    const decided = await racing((node, index) =>
      node.personalAccessTokens.decide(
        token.id,
        {
          outcome: index % 2 === 0 ? 'approved' : 'denied',
          by: `usr_${index}`,
          organizationId: token.organizationId,
          at: NOW + 1,
          reason: 'because',
        },
        audit('personal_access_token.approved'),
      ),
    );
    expect(decided).toBe(1);
    const now = await tokenOf(token);
    expect([now?.approval, now?.revokedReason]).toEqual(
      now?.revokedAt === undefined ? ['approved', undefined] : ['pending', 'denied'],
    );
    expect(now).toMatchObject({ decidedAt: NOW + 1, decisionReason: 'because' });
  });

  it('lists by owner, organization, API and status', async () => {
    const owner = user();
    await store.users.create(owner, audit('user.created'));
    const of = {
      active: personalToken(owner),
      pending: personalToken(owner, { approval: 'pending', approvalOrganizationId: name('org_') }),
      expired: personalToken(owner, { expiresAt: NOW + 1, approval: 'pending' }),
      revoked: personalToken(owner, { revokedAt: NOW, revokedReason: 'denied', resourceId: name('res_') }),
    };
    for (const token of Object.values(of)) {
      // oxlint-disable-next-line no-await-in-loop -- their order is what is looked at
      await store.personalAccessTokens.create(token, audit('personal_access_token.created'));
    }
    const list = async (
      filter: Parameters<Store['personalAccessTokens']['list']>[0],
    ): Promise<readonly string[]> =>
      (await otherNode.personalAccessTokens.list(filter, { limit: 10 })).items.map(({ token }) => token.id);
    for (const [is, token] of Object.entries(of)) {
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion, no-await-in-loop -- the keys above
      expect(
        await list({ userId: owner.id, status: { is: is as PersonalTokenStatus, at: NOW + 1 } }),
      ).toEqual([token.id]);
    }
    expect(await list({ organizationIds: ['org_none', of.pending.approvalOrganizationId ?? ''] })).toEqual([
      of.pending.id,
    ]);
    expect(await list({ organizationIds: [owner.organizationId] })).toHaveLength(4);
    expect(await list({ resourceId: of.revoked.resourceId })).toEqual([of.revoked.id]);
    expect(await list({ userId: 'usr_none' })).toEqual([]);
    expect(await list({ userId: owner.id, organizationIds: [] })).toEqual([]);
  });

  it('ends with its owner and with its API', async () => {
    const owner = await hold();
    const person = (await store.users.find(owner.userId)) as User;
    await store.users.update({ ...person, status: 'disabled', updatedAt: NOW + 1 }, audit('user.updated'));
    expect(await tokenOf(owner)).toMatchObject({ revokedReason: 'owner_disabled' });
    await store.users.update({ ...person, updatedAt: NOW + 2 }, audit('user.updated'));
    expect(await tokenOf(owner)).toMatchObject({ revokedReason: 'owner_disabled' });
    await store.users.delete(person.id, audit('user.deleted'));
    expect(await tokenOf(owner)).toBeUndefined();
    const api = resource();
    await store.resources.create(api, audit('resource.created'));
    const forApi = await hold({ resourceId: api.id });
    await store.resources.delete(api.id, audit('resource.deleted', { at: NOW + 3 }));
    expect(await tokenOf(forApi)).toMatchObject({ revokedAt: NOW + 3, revokedReason: 'api_deleted' });
  });

  it('keeps rows for a year after their end', async () => {
    const token = await hold({ expiresAt: NOW + 10 });
    await store.maintenance.purge(NOW + 9 + ENDED_PERSONAL_TOKEN_RETENTION_MS, 0);
    expect(await tokenOf(token)).toBeDefined();
    await store.maintenance.purge(NOW + 10 + ENDED_PERSONAL_TOKEN_RETENTION_MS, 0);
    expect(await tokenOf(token)).toBeUndefined();
  });

  describe('token rules', () => {
    it('are the standard ones until they are set, and are set from what they were', async () => {
      const owner = user();
      await store.users.create(owner, audit('user.created'));
      const standard = standardTokenRules(owner.organizationId);
      expect(await store.tokenRules.of(owner.organizationId)).toEqual(standard);
      const rules = { ...standard, maxLifetimeSeconds: 60, exemptUserIds: ['usr_1'], updatedAt: NOW };
      const event = audit('token_rules.updated');
      expect(await racing((node) => node.tokenRules.set(rules, event, standard))).toBe(1);
      expect(await store.tokenRules.of(owner.organizationId)).toEqual(rules);
      const next = { ...rules, maxLifetimeSeconds: 120, updatedAt: NOW + 1 };
      expect(await store.tokenRules.set(next, event, { ...rules, updatedAt: NOW - 1 })).toBe(false);
      expect(await store.tokenRules.set(next, event, rules)).toBe(true);
      expect(await store.tokenRules.of(owner.organizationId)).toEqual(next);
    });
    it('are not set of an organization that is none', async () => {
      const rules = standardTokenRules('org_none');
      expect(
        await store.tokenRules.set({ ...rules, updatedAt: NOW }, audit('token_rules.updated'), rules),
      ).toBe(false);
    });
  });

  describe('last uses', () => {
    it('keep the latest, and go when nobody asks any more', async () => {
      const token = await hold();
      const use = { tokenId: token.hash, at: NOW + 5, by: 'music', address: '192.0.2.1', userAgent: 'curl' };
      await store.tokenUses.record([{ ...use, forgetAt: NOW + DAY }]);
      await otherNode.tokenUses.record([
        { tokenId: token.hash, at: NOW + 4, by: 'late', forgetAt: NOW + DAY },
      ]);
      const { tokenId: _, ...told } = use;
      expect(await store.tokenUses.find(token.hash)).toEqual(told);
      expect((await store.personalAccessTokens.find(token.id))?.lastUse).toEqual(told);
      expect(await store.tokenUses.find(bytes())).toBeUndefined();
      await otherNode.tokenUses.record([
        { tokenId: token.hash, at: NOW + 6, by: 'video', forgetAt: NOW + DAY },
      ]);
      expect(await store.tokenUses.find(token.hash)).toEqual({ at: NOW + 6, by: 'video' });
      await store.maintenance.purge(NOW + DAY, 0);
      expect(await store.tokenUses.find(token.hash)).toBeUndefined();
    });
  });
}
