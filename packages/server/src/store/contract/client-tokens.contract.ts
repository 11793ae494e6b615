import { describe, expect, it } from 'vitest';
import type { Store } from '../../ports/store.ts';
import type { Engine } from './engine.ts';
import { withNodes } from './nodes.ts';
import { audit, client, clientToken, DAY, HOUR, name, NOW, resource } from './samples.ts';

/** The public tokens of clients: one is the client's, and the one before it may be good a little longer. */
export function clientTokensContract(engine: Engine): void {
  let store: Store;
  let otherNode: Store;
  withNodes(engine, (nodes) => ({ store, otherNode } = nodes));

  const app = async (): Promise<string> => {
    const made = client();
    await store.clients.create(made, audit('client.created'));
    return made.id;
  };
  const event = audit.bind(undefined, 'client_token.reset');

  describe('refuses', () => {
    it('a token for a client that is gone', async () => {
      const orphan = clientToken(name('app_'));
      expect(await store.clientTokens.replace(orphan, NOW, event())).toBe(false);
      expect(await store.clientTokens.find(orphan.id)).toBeUndefined();
    });
    it('to end what a client has not', async () => {
      expect(await store.clientTokens.end(await app(), event())).toBe(false);
    });
    it('a use of a token that is gone, silently', async () => {
      const { id } = clientToken('x');
      await store.clientTokens.recordUses([{ id, at: NOW }]);
      expect(await store.clientTokens.find(id)).toBeUndefined();
    });
  });

  it('keeps a token as it was given', async () => {
    const token = clientToken(await app());
    expect(await store.clientTokens.replace(token, NOW, event())).toBe(true);
    expect(await otherNode.clientTokens.find(token.id)).toEqual(token);
    expect(await otherNode.clientTokens.ofClient(token.clientId, NOW)).toEqual([token]);
  });

  it('ends the one before at its time, and the one before that at once', async () => {
    const clientId = await app();
    const [first, second, third] = [0, 10, 20].map((later) =>
      clientToken(clientId, { createdAt: NOW + later }),
    );
    if (first === undefined || second === undefined || third === undefined) throw new Error('three');
    await store.clientTokens.replace(first, NOW, event());
    await store.clientTokens.replace(second, NOW + HOUR, event());
    expect(await store.clientTokens.ofClient(clientId, NOW + 10)).toEqual([
      second,
      { ...first, endsAt: NOW + HOUR },
    ]);
    expect(await store.clientTokens.ofClient(clientId, NOW + HOUR)).toEqual([second]);
    await store.clientTokens.replace(third, NOW + 2 * HOUR, event());
    expect((await store.clientTokens.find(first.id))?.endsAt).toBe(NOW + 20);
    expect((await store.clientTokens.find(second.id))?.endsAt).toBe(NOW + 2 * HOUR);
  });

  it('ends all of a client, and forgets the ended ones with a later one', async () => {
    const clientId = await app();
    const old = clientToken(clientId);
    await store.clientTokens.replace(old, NOW, event());
    expect(await store.clientTokens.end(clientId, audit('client_token.removed'))).toBe(true);
    expect(await store.clientTokens.ofClient(clientId, NOW)).toEqual([]);
    expect((await store.clientTokens.find(old.id))?.endsAt).toBe(NOW);
    const later = clientToken(clientId, { createdAt: NOW + DAY });
    await store.clientTokens.replace(later, NOW + DAY, event());
    expect(await store.clientTokens.find(old.id)).toBeUndefined();
  });

  it('leaves one current after many resets at the same time, on whichever node', async () => {
    const clientId = await app();
    const tokens = Array.from({ length: 12 }, () => clientToken(clientId));
    const resets = tokens.map((token, index) =>
      (index % 2 === 0 ? store : otherNode).clientTokens.replace(token, NOW, event()),
    );
    expect(await Promise.all(resets)).toEqual(tokens.map(() => true));
    const live = await otherNode.clientTokens.ofClient(clientId, NOW);
    expect(live).toHaveLength(1);
    expect(live[0]).not.toHaveProperty('endsAt');
  });

  it('knows the last use, and goes with the client', async () => {
    const token = clientToken(await app());
    await store.clientTokens.replace(token, NOW, event());
    await store.clientTokens.recordUses([{ id: token.id, at: NOW + 5 }]);
    await store.clientTokens.recordUses([{ id: token.id, at: NOW + 4 }]);
    expect((await store.clientTokens.find(token.id))?.lastUsedAt).toBe(NOW + 5);
    await store.clients.delete(token.clientId, audit('client.deleted'));
    expect(await otherNode.clientTokens.find(token.id)).toBeUndefined();
  });

  it('keeps what they open at an API', async () => {
    const api = resource({ clientTokenScopes: ['tracks:read'] });
    await store.resources.create(api, audit('resource.created'));
    expect(await store.resources.find(api.id)).toEqual(api);
    const closed = { ...api, clientTokenScopes: [], updatedAt: NOW + 1 };
    await store.resources.update(closed, audit('resource.updated'), api);
    expect(await store.resources.find(api.id)).toEqual(closed);
  });
}
