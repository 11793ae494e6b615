import { describe, expect, it } from 'vitest';
import { DEFAULT_ORGANIZATION_ID } from '../../domain/organization.ts';
import type { User } from '../../domain/user.ts';
import { AlreadyExists, LastOwner } from '../../ports/store-errors.ts';
import type { Store } from '../../ports/store.ts';
import type { Engine } from './engine.ts';
import { withNodes } from './nodes.ts';
import {
  accessToken,
  audit,
  authorize,
  client,
  membership,
  name,
  NOW,
  redeem,
  resource,
  session,
  team,
  user,
} from './samples.ts';

/** Organizations and users. */
export function ownersContract(engine: Engine): void {
  let store: Store;
  withNodes(engine, (nodes) => ({ store } = nodes));

  describe('organizations', () => {
    it('has the default one from the start, frozen', async () => {
      const found = await store.organizations.find(DEFAULT_ORGANIZATION_ID);
      expect(found).toMatchObject({ id: DEFAULT_ORGANIZATION_ID, kind: 'default' });
      expect(Object.isFrozen(found)).toBe(true);
    });
    it('does not find what is not there, nor what no database can hold', async () => {
      expect(await store.organizations.find('org_none')).toBeUndefined();
      expect(await store.organizations.find('org\0none')).toBeUndefined();
    });
  });

  describe('users', () => {
    it('refuses a second user with the same email, and keeps nothing of it', async () => {
      const first = user();
      await store.users.create(first, audit('user.created'));
      const second = user({ email: first.email });
      const refused = store.users.create(second, audit('user.created'));
      await expect(refused).rejects.toThrow(AlreadyExists);
      await expect(refused).rejects.toMatchObject({ what: 'email' });
      expect(await store.users.find(second.id)).toBeUndefined();
      expect(await store.organizations.find(second.organizationId)).toBeUndefined();
    });
    it('refuses to move to an email that is taken', async () => {
      const [one, two] = [user(), user()];
      await store.users.create(one, audit('user.created'));
      await store.users.create(two, audit('user.created'));
      const moving = store.users.update({ ...two, email: one.email }, audit('user.updated'));
      await expect(moving).rejects.toMatchObject({ name: 'AlreadyExists', what: 'email' });
      expect(await store.users.find(two.id)).toEqual(two);
    });
    it('gives back what was written, by id and by email, with the personal organization', async () => {
      const one = user({ passwordHash: '$argon2id$v=19$…', role: 'admin' });
      const before = await store.users.countAdmins();
      await store.users.create(one, audit('user.created'));
      expect(await store.users.find(one.id)).toEqual(one);
      expect(await store.users.findByEmail(one.email)).toEqual(one);
      expect(await store.users.findByEmail('none@example.com')).toBeUndefined();
      expect(await store.users.findByPersonalOrganization(one.organizationId)).toEqual(one);
      expect(await store.organizations.find(one.organizationId)).toMatchObject({ kind: 'personal' });
      expect(await store.users.countAdmins()).toBe(before + 1);
      const { passwordHash: _, ...changed } = {
        ...one,
        displayName: 'Ada L.',
        emailVerified: false,
        updatedAt: NOW + 1,
      };
      await store.users.update(changed, audit('user.updated'));
      expect(await store.users.find(one.id)).toEqual(changed);
    });
    it('refuses a change of what somebody else has changed since', async () => {
      const before = user();
      await store.users.create(before, audit('user.created'));
      const disabled: User = { ...before, status: 'disabled', updatedAt: NOW + 1 };
      expect(await store.users.update(disabled, audit('user.updated'), before)).toBe(true);
      const renamed = { ...before, displayName: 'Late', updatedAt: NOW + 2 };
      expect(await store.users.update(renamed, audit('user.updated'), before)).toBe(false);
      expect(await store.users.find(before.id)).toEqual(disabled);
      expect(await store.users.update(user(), audit('user.updated'))).toBe(false);
    });
    it('ends sessions and grants when the password changes, the first one included, and only then', async () => {
      const { user: newcomer, grant, accessToken: token } = await redeem(store);
      const signedIn = session(newcomer);
      await store.sessions.start(signedIn, undefined, audit('sign_in'));
      const someone: User = { ...newcomer, displayName: 'A', updatedAt: NOW + 3 };
      await store.users.update(someone, audit('user.updated'));
      expect(await store.sessions.find(signedIn.id, NOW + 4)).toEqual(signedIn);
      const first: User = { ...someone, passwordHash: 'one', updatedAt: NOW + 5 };
      await store.users.update(first, audit('user.updated'));
      expect(await store.sessions.find(signedIn.id, NOW + 6)).toBeUndefined();
      expect(await store.grants.find(grant.id)).toMatchObject({ endReason: 'password_changed' });
      expect(await store.accessTokens.find(token.id)).toMatchObject({ endedAt: NOW + 5 });
      const later = session(newcomer);
      await store.sessions.start(later, undefined, audit('sign_in'));
      await store.users.update({ ...first, passwordHash: 'two', updatedAt: NOW + 7 }, audit('user.updated'));
      expect(await store.sessions.find(later.id, NOW + 8)).toBeUndefined();
    });
    it('starts no session for whoever proved a password that is another one by now', async () => {
      const { user: someone } = await redeem(store);
      const now: User = { ...someone, passwordHash: 'one', updatedAt: NOW + 1 };
      await store.users.update(now, audit('user.updated'));
      const start = (proven: Pick<User, 'passwordHash'>) => {
        const begun = session(someone);
        return store.sessions
          .start(begun, undefined, audit('sign_in'), proven)
          .then(async (started) => [started, (await store.sessions.find(begun.id, NOW + 2)) !== undefined]);
      };
      expect(await start(now)).toEqual([true, true]);
      expect(await start({ passwordHash: 'two' })).toEqual([false, false]);
      expect(await start({})).toEqual([false, false]);
      await store.users.update({ ...now, status: 'disabled', updatedAt: NOW + 3 }, audit('user.updated'));
      expect(await start(now)).toEqual([false, false]);
    });
    it('leaves no session to whoever signs in while the password changes', async () => {
      const { user: someone } = await redeem(store);
      const old: User = { ...someone, passwordHash: 'old', updatedAt: NOW + 1 };
      await store.users.update(old, audit('user.updated'));
      const begun = Array.from({ length: 32 }, () => session(someone));
      const starts = begun.map((each) => store.sessions.start(each, undefined, audit('sign_in'), old));
      const changed = { ...old, passwordHash: 'new', updatedAt: NOW + 2 };
      const change = store.users.update(changed, audit('user.updated'));
      const late = begun.map(() => store.sessions.start(session(someone), undefined, audit('sign_in'), old));
      await Promise.all([...starts, change, ...late]);
      expect(await store.sessions.listOf(someone.id, NOW + 3)).toEqual([]);
    });
    it('ends sessions, grants and tokens when it disables, and does not bring them back', async () => {
      const { user: someone, grant, accessToken: token, refreshToken } = await redeem(store);
      const signedIn = session(someone);
      await store.sessions.start(signedIn, undefined, audit('sign_in'));
      await store.users.update({ ...someone, status: 'disabled', updatedAt: NOW + 5 }, audit('user.updated'));
      expect(await store.sessions.find(signedIn.id, NOW + 6)).toBeUndefined();
      expect(await store.grants.find(grant.id)).toMatchObject({
        endedAt: NOW + 5,
        endReason: 'user_disabled',
      });
      expect(await store.accessTokens.find(token.id)).toMatchObject({ endedAt: NOW + 5 });
      expect((await store.refreshTokens.find(refreshToken.hash))?.family.endedAt).toBe(NOW + 5);
      await store.users.update({ ...someone, updatedAt: NOW + 9 }, audit('user.updated'));
      expect(await store.sessions.find(signedIn.id, NOW + 10)).toBeUndefined();
      expect((await store.accessTokens.find(token.id))?.endedAt).toBe(NOW + 5);
    });
    it('gives a code of a disabled user to nobody', async () => {
      const { user: someone, grant, code } = await authorize(store);
      await store.users.update({ ...someone, status: 'disabled', updatedAt: NOW + 5 }, audit('user.updated'));
      const redemption = {
        codeHash: code.hash,
        at: NOW + 6,
        accessToken: accessToken(grant),
        reuseAudit: audit('authorization_code.reused'),
      };
      expect(await store.grants.redeemCode(redemption)).toBe('gone');
      expect(await store.accessTokens.find(redemption.accessToken.id)).toBeUndefined();
    });
    it('deletes a user with everything that hangs from them', async () => {
      const {
        user: someone,
        client: app,
        grant,
        code,
        accessToken: token,
        refreshToken,
      } = await redeem(store);
      const signedIn = session(someone);
      await store.sessions.start(signedIn, undefined, audit('sign_in'));
      expect(await store.users.delete(someone.id, audit('user.deleted'))).toBe(true);
      expect(await store.users.delete(someone.id, audit('user.deleted'))).toBe(false);
      expect(await store.users.find(someone.id)).toBeUndefined();
      expect(await store.sessions.find(signedIn.id, NOW)).toBeUndefined();
      expect(await store.grants.find(grant.id)).toBeUndefined();
      expect(await store.grants.findCode(code.hash)).toBeUndefined();
      expect(await store.refreshTokens.find(refreshToken.hash)).toBeUndefined();
      expect((await store.accessTokens.find(token.id))?.endedAt).toBeDefined();
      expect(await store.clients.find(app.id)).toBeDefined();
    });
    it('deletes the personal organization with the apps and APIs in it', async () => {
      const someone = user();
      await store.users.create(someone, audit('user.created'));
      const { organizationId } = someone;
      const app = client({ organizationId });
      const api = resource({ organizationId });
      await store.clients.create(app, audit('client.created'));
      await store.resources.create(api, audit('resource.created'));
      await store.users.delete(someone.id, audit('user.deleted'));
      expect(await store.organizations.find(organizationId)).toBeUndefined();
      expect(await store.clients.find(app.id)).toBeUndefined();
      expect(await store.resources.find(api.id)).toBeUndefined();
    });
    it('does not delete the last owner of a team', async () => {
      const someone = user();
      await store.users.create(someone, audit('user.created'));
      const owner = membership(someone, { organizationId: name('org_'), role: 'owner' });
      await store.organizations.create(team(owner), owner, audit('organization.created'));
      await expect(store.users.delete(someone.id, audit('user.deleted'))).rejects.toThrow(LastOwner);
      expect(await store.users.find(someone.id)).toEqual(someone);
      await store.organizations.delete(owner.organizationId, audit('organization.deleted'));
      expect(await store.users.delete(someone.id, audit('user.deleted'))).toBe(true);
    });
  });
}
