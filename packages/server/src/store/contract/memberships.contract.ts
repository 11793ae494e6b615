import { describe, expect, it } from 'vitest';
import type { Membership } from '../../domain/membership.ts';
import { DEFAULT_ORGANIZATION_ID } from '../../domain/organization.ts';
import type { User } from '../../domain/user.ts';
import { LastOwner } from '../../ports/store-errors.ts';
import type { Store } from '../../ports/store.ts';
import type { Engine } from './engine.ts';
import { withNodes } from './nodes.ts';
import { audit, client, membership, NOW, personalToken, redeem, resource, user } from './samples.ts';

/** Who is in which organization, and lists of what organizations own. */
export function membershipsContract(engine: Engine): void {
  let store: Store;
  let otherNode: Store;
  withNodes(engine, (nodes) => ({ store, otherNode } = nodes));

  const someone = async (): Promise<User> => {
    const one = user();
    await store.users.create(one, audit('user.created'));
    return one;
  };
  const add = (one: Membership): Promise<string> => store.memberships.add(one, audit('member.added'));

  describe('memberships', () => {
    it('are not for the personal organization of anybody, nor for what is not there', async () => {
      const [one, other] = [await someone(), await someone()];
      expect(await add(membership(one, { organizationId: other.organizationId }))).toBe('gone');
      expect(await add(membership(one, { organizationId: one.organizationId }))).toBe('gone');
      expect(await add(membership(one, { organizationId: 'org_none' }))).toBe('gone');
      expect(await add(membership({ ...one, id: 'usr_none' }))).toBe('gone');
      expect(await store.memberships.ofUser(one.id)).toEqual([]);
    });
    it('are one a person and organization, with what others see of them', async () => {
      const one = await someone();
      const first = membership(one, { role: 'developer' });
      expect(await add(first)).toBe('added');
      expect(await add(membership(one, { role: 'owner' }))).toBe('member_already');
      expect(await store.memberships.ofUser(one.id)).toEqual([first]);
      const { email, displayName } = one;
      expect(await store.memberships.find(DEFAULT_ORGANIZATION_ID, one.id)).toEqual({
        ...first,
        email,
        displayName,
      });
      expect(await store.memberships.find(one.organizationId, one.id)).toBeUndefined();
    });
    it('are changed by whoever has seen the newest, and only then', async () => {
      const one = await someone();
      const first = membership(one);
      await add(first);
      const promoted: Membership = { ...first, role: 'admin', updatedAt: NOW + 1 };
      const told = audit('member.role_changed');
      expect(await store.memberships.changeRole(promoted, told, { ...first, updatedAt: NOW - 1 })).toBe(
        false,
      );
      expect(await store.memberships.changeRole(promoted, told, first)).toBe(true);
      expect(await store.memberships.remove(first, audit('member.removed'))).toBe(false);
      // The other node sees it at once: nothing of it is kept in memory.
      expect(await otherNode.memberships.ofUser(one.id)).toEqual([promoted]);
      expect(await store.memberships.remove(promoted, audit('member.removed'))).toBe(true);
      expect(await otherNode.memberships.ofUser(one.id)).toEqual([]);
    });
    it('take the personal access tokens made there with them', async () => {
      const one = await someone();
      const member = membership(one);
      await add(member);
      const here = personalToken(one, { organizationId: DEFAULT_ORGANIZATION_ID });
      const elsewhere = personalToken(one);
      for (const each of [here, elsewhere]) {
        // oxlint-disable-next-line no-await-in-loop -- two of them
        await store.personalAccessTokens.create(each, audit('personal_access_token.created'));
      }
      await store.memberships.remove(member, audit('member.removed'));
      const left = await store.personalAccessTokens.find(here.id);
      expect(left?.token.revokedReason).toBe('owner_left');
      expect((await store.personalAccessTokens.find(elsewhere.id))?.token.revokedAt).toBeUndefined();
    });
    it('are listed by their roles, and people by theirs', async () => {
      const [developer, member, operator] = [await someone(), await someone(), user({ role: 'admin' })];
      await store.users.create(operator, audit('user.created'));
      await add(membership(developer, { role: 'developer' }));
      await add(membership(member, { role: 'member' }));
      const listed = async (...roles: Membership['role'][]): Promise<readonly string[]> =>
        (await store.memberships.list(DEFAULT_ORGANIZATION_ID, { limit: 1000 }, roles)).items
          .map(({ userId }) => userId)
          .filter((id) => id === developer.id || id === member.id);
      expect(await listed('developer', 'admin')).toEqual([developer.id]);
      expect(await listed('member', 'developer')).toEqual([member.id, developer.id]);
      expect(await listed()).toEqual([]);
      const admins = await store.users.list({ limit: 1000 }, { role: 'admin', status: 'active' });
      expect(admins.items.map(({ id }) => id)).toContain(operator.id);
      expect(admins.items.map(({ id }) => id)).not.toContain(developer.id);
    });
    it('go with the person', async () => {
      const one = await someone();
      await add(membership(one));
      await store.users.delete(one.id, audit('user.deleted'));
      expect(await store.memberships.find(DEFAULT_ORGANIZATION_ID, one.id)).toBeUndefined();
    });
  });

  describe('owners', () => {
    it('the last one stays one, also when two leave at once', async () => {
      const owners = await Promise.all([someone(), someone()]);
      const both = owners.map((each) => membership(each, { role: 'owner' }));
      for (const each of both) expect(await add(each)).toBe('added');
      const leaving = await Promise.allSettled(
        both.map((each, index) =>
          (index === 0 ? store : otherNode).memberships.remove(each, audit('member.removed')),
        ),
      );
      expect(leaving.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
      const { items } = await store.memberships.list(DEFAULT_ORGANIZATION_ID, { limit: 200 });
      const left = items.filter(({ role }) => role === 'owner');
      expect(left).toHaveLength(1);
      const [last] = left;
      if (last === undefined) throw new Error('no owner is left');
      const demoted: Membership = { ...last, role: 'admin', updatedAt: NOW + 1 };
      await expect(store.memberships.changeRole(demoted, audit('member.role_changed'), last)).rejects.toThrow(
        LastOwner,
      );
      await expect(store.memberships.remove(last, audit('member.removed'))).rejects.toThrow(LastOwner);
    });
  });

  describe('lists of what organizations own', () => {
    it('hold nothing of others, whatever the cursor says, page by page', async () => {
      const one = await someone();
      const { organizationId } = one;
      const mine = [client({ organizationId }), client({ organizationId }), client({ organizationId })];
      for (const each of mine) {
        // oxlint-disable-next-line no-await-in-loop -- the list is in the order in which they were made
        await store.clients.create(each, audit('client.created'));
        // oxlint-disable-next-line no-await-in-loop -- as above
        await store.clients.create(client(), audit('client.created'));
      }
      const filter = { organizationIds: [organizationId, 'org_none'] };
      const first = await store.clients.list(filter, { limit: 2 });
      expect(first.items.map(({ id }) => id)).toEqual([mine[2]?.id, mine[1]?.id]);
      const rest = await store.clients.list(filter, { limit: 2, cursor: first.nextCursor ?? '' });
      expect(rest).toEqual({ items: [mine[0]] });
      const forged = Buffer.from(`clients:${Number.MAX_SAFE_INTEGER}`).toString('base64url');
      const everything = await store.clients.list(filter, { limit: 200, cursor: forged });
      expect(everything.items).toHaveLength(3);
      expect(await store.clients.list({ organizationIds: [] }, { limit: 200 })).toEqual({ items: [] });
    });
    it('hold APIs, grants and tokens by the same rule', async () => {
      const one = await someone();
      const api = resource({ organizationId: one.organizationId });
      await store.resources.create(api, audit('resource.created'));
      const { grant, accessToken, client: app } = await redeem(store);
      const theirs = { organizationIds: [one.organizationId] };
      const page = { limit: 200 };
      expect((await store.resources.list(theirs, page)).items).toEqual([api]);
      expect((await store.grants.list(theirs, page)).items).toEqual([]);
      expect((await store.accessTokens.list(theirs, page)).items).toEqual([]);
      const others = { organizationIds: [app.organizationId], clientId: app.id };
      expect((await store.grants.list(others, page)).items.map(({ id }) => id)).toEqual([grant.id]);
      const tokens = await store.accessTokens.list({ ...others, liveAt: NOW }, page);
      expect(tokens.items.map(({ row }) => row)).toEqual([accessToken]);
    });
  });
}
