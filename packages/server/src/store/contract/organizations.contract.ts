import { beforeAll, describe, expect, it } from 'vitest';
import { type Invitation, MAX_OPEN_INVITATIONS } from '../../domain/invitation.ts';
import type { SealedMail } from '../../domain/mail-message.ts';
import type { Membership } from '../../domain/membership.ts';
import { DEFAULT_ORGANIZATION_ID } from '../../domain/organization.ts';
import type { User } from '../../domain/user.ts';
import type { Store } from '../../ports/store.ts';
import type { Engine } from './engine.ts';
import { withNodes } from './nodes.ts';
import { audit, bytes, client, DAY, membership, name, NOW, resource, team, user } from './samples.ts';

const mail = (): SealedMail => ({
  id: name('msg_'),
  purpose: 'invitation',
  sealed: bytes(),
  createdAt: NOW,
  expiresAt: NOW + DAY,
});

/** Organizations, from their making to their end, and invitations to them. */
export function organizationsContract(engine: Engine): void {
  let store: Store;
  let otherNode: Store;
  let owner: User;
  let ownership: Membership;
  withNodes(engine, (nodes) => ({ store, otherNode } = nodes));
  beforeAll(async () => {
    owner = user();
    await store.users.create(owner, audit('user.created'));
    ownership = membership(owner, { organizationId: name('org_'), role: 'owner' });
    await store.organizations.create(team(ownership), ownership, audit('organization.created'));
  });

  const invitation = (more: Partial<Invitation> = {}): Invitation => ({
    id: name('inv_'),
    hash: bytes(),
    organizationId: ownership.organizationId,
    email: `${name('')}@example.test`,
    role: 'developer',
    invitedBy: owner.id,
    createdAt: NOW,
    expiresAt: NOW + DAY,
    ...more,
  });
  const invite = (one: Invitation): Promise<string> =>
    store.invitations.create(one, mail(), audit('invitation.created'));

  describe('organizations', () => {
    it('have an owner from the start, and a name that changes', async () => {
      const { organizationId: id } = ownership;
      expect(await store.memberships.ofUser(owner.id)).toEqual([ownership]);
      expect(await store.organizations.find(id)).toEqual(team(ownership));
      const renamed = { ...team(ownership), name: 'Orchestra', accessTokenLifetime: { min: 60, max: 90 } };
      expect(await store.organizations.update(renamed, audit('organization.updated'))).toBe(true);
      expect(await store.organizations.find(id)).toEqual(renamed);
      const { items } = await store.organizations.list({ organizationIds: [id] }, { limit: 9 });
      expect(items.map((each) => each.name)).toEqual(['Orchestra']);
      const personal = await store.organizations.list({ kind: 'personal' }, { limit: 200 });
      expect(personal.items.map((each) => each.id)).toEqual([owner.organizationId]);
    });
    it('of one person keep their name, and go neither apart from the person nor as the default one', async () => {
      const told = audit('organization.updated');
      const mine = { ...team(ownership), id: owner.organizationId, name: 'Mine' };
      expect(await store.organizations.update(mine, told)).toBe(false);
      for (const id of [owner.organizationId, DEFAULT_ORGANIZATION_ID, 'org_none']) {
        // oxlint-disable-next-line no-await-in-loop -- three, one after the other
        expect(await store.organizations.delete(id, audit('organization.deleted'))).toBe(false);
      }
      expect(await store.organizations.find(owner.organizationId)).toBeDefined();
    });
    it('go with everything that they own', async () => {
      const own = membership(owner, { organizationId: name('org_'), role: 'owner' });
      await store.organizations.create(team(own), own, audit('organization.created'));
      const { organizationId } = own;
      const app = client({ organizationId });
      const api = resource({ organizationId });
      await store.clients.create(app, audit('client.created'));
      await store.resources.create(api, audit('resource.created'));
      const open = invitation({ organizationId });
      await invite(open);
      expect(await store.organizations.delete(organizationId, audit('organization.deleted'))).toBe(true);
      expect(await store.organizations.find(organizationId)).toBeUndefined();
      expect(await store.clients.find(app.id)).toBeUndefined();
      expect(await store.resources.find(api.id)).toBeUndefined();
      expect(await store.invitations.find(open.id, NOW)).toBeUndefined();
      expect(await store.memberships.find(organizationId, owner.id)).toBeUndefined();
    });
  });

  describe('invitations', () => {
    it('are not for what has no members', async () => {
      expect(await invite(invitation({ organizationId: owner.organizationId }))).toBe('gone');
      expect(await invite(invitation({ organizationId: 'org_none' }))).toBe('gone');
    });
    it('are found until they are over, and by nothing but the whole secret', async () => {
      const one = invitation();
      expect(await invite(one)).toBe('created');
      expect(await store.invitations.findByHash(one.hash, one.expiresAt - 1)).toEqual(one);
      expect(await store.invitations.findByHash(one.hash, one.expiresAt)).toBeUndefined();
      expect(await store.invitations.findByHash(bytes(), NOW)).toBeUndefined();
      expect(await store.invitations.find(one.id, one.expiresAt)).toBeUndefined();
      const { items } = await store.invitations.list(ownership.organizationId, NOW, { limit: 200 });
      expect(items).toContainEqual(one);
      expect((await store.invitations.list('org_none', NOW, { limit: 200 })).items).toEqual([]);
      expect(await store.invitations.end(one.id, audit('invitation.revoked'))).toBe(true);
      expect(await store.invitations.end(one.id, audit('invitation.revoked'))).toBe(false);
    });
    it('to the same address replace each other', async () => {
      const first = invitation();
      const second = invitation({ email: first.email });
      await invite(first);
      await invite(second);
      expect(await store.invitations.findByHash(first.hash, NOW)).toBeUndefined();
      expect(await store.invitations.findByHash(second.hash, NOW)).toEqual(second);
    });
    it('make a member of one of many who accept at once', async () => {
      const one = invitation();
      await invite(one);
      const people = [user(), user(), user()];
      for (const each of people) {
        // oxlint-disable-next-line no-await-in-loop -- a few people
        await store.users.create(each, audit('user.created'));
      }
      const outcomes = await Promise.all(
        people.map((each, index) => {
          const { organizationId, role } = one;
          const accepted = membership(each, { organizationId, role });
          const node = index % 2 === 0 ? store : otherNode;
          return node.invitations.accept(one.id, accepted, audit('invitation.accepted'));
        }),
      );
      expect(outcomes.toSorted()).toEqual(['added', 'gone', 'gone']);
      const found = await Promise.all(people.map((each) => store.memberships.ofUser(each.id)));
      expect(found.flat()).toHaveLength(1);
    });
    it('are worth nothing for another role, or when they are over', async () => {
      const one = invitation();
      await invite(one);
      const { organizationId } = one;
      const told = audit('invitation.accepted');
      const asOwner = membership(owner, { organizationId, role: 'owner' });
      expect(await store.invitations.accept(one.id, asOwner, told)).toBe('gone');
      const late = membership(owner, { organizationId, role: one.role, createdAt: one.expiresAt });
      expect(await store.invitations.accept(one.id, late, told)).toBe('gone');
      const member = membership(owner, { organizationId, role: one.role });
      expect(await store.invitations.accept(one.id, member, told)).toBe('member_already');
      expect(await store.invitations.find(one.id, NOW)).toBeUndefined();
    });
    it('are not without number', async () => {
      const own = membership(owner, { organizationId: name('org_'), role: 'owner' });
      await store.organizations.create(team(own), own, audit('organization.created'));
      const { organizationId } = own;
      for (let sent = 0; sent < MAX_OPEN_INVITATIONS; sent += 1) {
        // oxlint-disable-next-line no-await-in-loop -- each counts those before
        await invite(invitation({ organizationId }));
      }
      expect(await invite(invitation({ organizationId }))).toBe('too_many');
    });
  });
}
