import { expect, it } from 'vitest';
import type { MailLink } from '../../domain/mail-link.ts';
import type { SealedMail } from '../../domain/mail-message.ts';
import type { Store } from '../../ports/store.ts';
import type { Engine } from './engine.ts';
import { withNodes } from './nodes.ts';
import { audit, bytes, DAY, HOUR, name, NOW, session, user } from './samples.ts';

/** Links in mails: each changes one thing once, and is over with the account's address or password. */
export function mailLinksContract(engine: Engine): void {
  let store: Store;
  let otherNode: Store;
  withNodes(engine, (nodes) => ({ store, otherNode } = nodes));

  const mail = (): SealedMail => ({
    id: name('msg_'),
    purpose: 'recovery',
    sealed: bytes(),
    createdAt: NOW,
    expiresAt: NOW + HOUR,
  });
  async function linkFor(userId: string | undefined, more: Partial<MailLink> = {}): Promise<MailLink> {
    const link: MailLink = {
      hash: bytes(),
      purpose: userId === undefined ? 'sign_up' : 'reset_password',
      ...(userId !== undefined && { userId }),
      email: 'ada@example.com',
      createdAt: NOW,
      expiresAt: NOW + HOUR,
      ...more,
    };
    await store.mailLinks.create(link, mail(), audit('recovery.requested'));
    return link;
  }
  async function someone() {
    const made = user({ passwordHash: 'one' });
    await store.users.create(made, audit('user.created'));
    return made;
  }
  const mailsOf = (node: Store) => node.outbox.claim({ at: NOW, retryAt: NOW + DAY, limit: 500 });

  it('are found as they were made until they expire, with the mail in the outbox', async () => {
    await mailsOf(store);
    const link = await linkFor((await someone()).id, { interaction: 'sealed' });
    expect(await otherNode.mailLinks.find(link.hash, NOW + HOUR - 1)).toEqual(link);
    expect(await store.mailLinks.find(link.hash, NOW + HOUR)).toBeUndefined();
    expect(await store.mailLinks.find(bytes(), NOW)).toBeUndefined();
    expect(await mailsOf(store)).toHaveLength(1);
  });

  it('make one account, however many use them at once, on whichever node', async () => {
    const link = await linkFor(undefined);
    const people = Array.from({ length: 12 }, () => user());
    const made = await Promise.all(
      people.map((each, index) =>
        (index % 2 === 0 ? store : otherNode).users.create(each, audit('user.created'), {
          link: { hash: link.hash, at: NOW },
        }),
      ),
    );
    expect(made.filter(Boolean)).toHaveLength(1);
    const found = await Promise.all(people.map(({ id }) => store.users.find(id)));
    expect(found.map((each) => each !== undefined)).toEqual(made);
    expect(await store.mailLinks.find(link.hash, NOW)).toBeUndefined();
  });

  it('change a password once, end the other links, and write the mails of the change', async () => {
    await mailsOf(store);
    const before = await someone();
    const [link, other] = [await linkFor(before.id), await linkFor(before.id)];
    const signedIn = session(before);
    await store.sessions.start(signedIn, undefined, audit('sign_in'));
    await mailsOf(store);
    const changes = await Promise.all(
      Array.from({ length: 8 }, (_, index) =>
        (index % 2 === 0 ? store : otherNode).users.update(
          { ...before, passwordHash: `new ${index}`, updatedAt: NOW + 1 + index },
          audit('password.changed'),
          before,
          { link: { hash: link.hash, at: NOW }, mails: [mail()] },
        ),
      ),
    );
    expect(changes.filter(Boolean)).toHaveLength(1);
    expect(await mailsOf(store)).toHaveLength(1);
    expect(await store.sessions.find(signedIn.id, NOW)).toBeUndefined();
    expect(await store.mailLinks.find(other.hash, NOW)).toBeUndefined();
  });

  it('change nothing when they are not good any more, and stay good when nothing was changed', async () => {
    const before = await someone();
    const link = await linkFor(before.id);
    const after = { ...before, displayName: 'Grace', updatedAt: NOW + 1 };
    const by = (hash: Uint8Array, at = NOW) => ({ link: { hash, at } });
    const update = (hash: Uint8Array, at?: number) =>
      store.users.update(after, audit('user.updated'), before, by(hash, at));
    expect(await update(bytes())).toBe(false);
    expect(await update(link.hash, NOW + HOUR)).toBe(false);
    expect(await store.users.find(before.id)).toEqual(before);
    const stale = { ...before, updatedAt: before.updatedAt - 1 };
    expect(await store.users.update(after, audit('user.updated'), stale, by(link.hash))).toBe(false);
    expect(await store.mailLinks.find(link.hash, NOW)).toEqual(link);
    expect(await update(link.hash)).toBe(true);
    expect(await update(link.hash)).toBe(false);
  });

  it('survive another name, and go with another address and with the account', async () => {
    const before = await someone();
    const link = await linkFor(before.id);
    const renamed = { ...before, displayName: 'Grace', updatedAt: NOW + 1 };
    await store.users.update(renamed, audit('user.updated'));
    expect(await store.mailLinks.find(link.hash, NOW)).toEqual(link);
    await store.users.update({ ...renamed, email: `${name('')}@example.com` }, audit('email.changed'));
    expect(await store.mailLinks.find(link.hash, NOW)).toBeUndefined();
    const next = await linkFor(before.id);
    await store.users.delete(before.id, audit('user.deleted'));
    expect(await store.mailLinks.find(next.hash, NOW)).toBeUndefined();
  });

  it('of sessions: listed while they are live, newest first, with when they were seen', async () => {
    const owner = await someone();
    const [old, live, ended, late] = [
      session(owner),
      session(owner, { createdAt: NOW + 1 }),
      session(owner),
      session(owner, { expiresAt: NOW + 5 }),
    ];
    for (const each of [old, live, ended, late]) {
      // oxlint-disable-next-line no-await-in-loop -- in this order
      await store.sessions.start(each, undefined, audit('sign_in'));
    }
    await store.sessions.end(ended, NOW, audit('sign_out'));
    const seen = [live, ended].map(({ id }) => ({ id, at: NOW + 3 }));
    await otherNode.sessions.recordSeen(seen);
    expect(await store.sessions.listOf(owner.id, NOW + 5)).toEqual([{ ...live, lastSeenAt: NOW + 3 }, old]);
    expect(await store.sessions.listOf('usr_nobody', NOW)).toEqual([]);
  });
}
