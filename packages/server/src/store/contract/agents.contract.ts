import { describe, expect, it } from 'vitest';
import type { Client } from '../../domain/client.ts';
import type { User } from '../../domain/user.ts';
import type { Store } from '../../ports/store.ts';
import type { Engine } from './engine.ts';
import { withNodes } from './nodes.ts';
import { audit, bytes, client, DAY, name, NOW, user } from './samples.ts';

/** Agents and their owners. */
export function agentsContract(engine: Engine): void {
  let store: Store;
  let otherNode: Store;
  withNodes(engine, (nodes) => ({ store, otherNode } = nodes));

  const hire = async (reviewAt = NOW + 90 * DAY): Promise<{ owner: User; agent: Client }> => {
    const owner = user();
    await store.users.create(owner, audit('user.created'));
    const agent = client({
      agent: {
        ownerId: owner.id,
        purpose: 'Tidy',
        permissions: [],
        actsWith: ['app_player'],
        reviewAt,
        confirmedAt: NOW,
      },
    });
    await store.clients.create(agent, audit('agent.created'));
    return { owner, agent };
  };
  const mail = () => ({
    id: name('msg_'),
    purpose: 'agent_review' as const,
    sealed: bytes(),
    createdAt: NOW,
    expiresAt: NOW + DAY,
  });

  describe('an agent', () => {
    it('is no other client, nor somebody else has it', async () => {
      const app = client();
      await store.clients.create(app, audit('client.created'));
      const { agent } = await hire();
      expect(await store.agents.standing(app.id)).toBeUndefined();
      expect(await store.agents.standing('app_none')).toBeUndefined();
      const others = await store.agents.list({ ownerId: 'usr_other' }, { limit: 10 });
      expect(others.items).not.toContain(agent.id);
      expect(await store.agents.actingWith('usr_other', 'app_player')).toEqual([]);
    });
    it('is what was written, with its owner as they are now, on every node', async () => {
      const { owner, agent } = await hire();
      expect(await otherNode.clients.find(agent.id)).toEqual(agent);
      expect(await otherNode.agents.standing(agent.id)).toMatchObject({
        details: agent.agent,
        clientStatus: 'active',
        owner: { id: owner.id, status: 'active', role: 'member' },
      });
      expect(await otherNode.agents.list({ ownerId: owner.id }, { limit: 10 })).toEqual({
        items: [agent.id],
      });
      expect(await store.agents.actingWith(owner.id, 'app_player')).toEqual([agent.id]);
      await store.clients.update(
        { ...agent, status: 'disabled', updatedAt: NOW + 1 },
        audit('agent.stopped'),
      );
      expect(await otherNode.agents.standing(agent.id)).toMatchObject({ clientStatus: 'disabled' });
      expect(await store.agents.actingWith(owner.id, 'app_player')).toEqual([]);
    });
    it('goes with its owner', async () => {
      const { owner, agent } = await hire();
      await store.users.delete(owner.id, audit('user.deleted'));
      expect(await store.clients.find(agent.id)).toBeUndefined();
      expect(await otherNode.agents.standing(agent.id)).toBeUndefined();
    });
  });

  describe('a review', () => {
    it('is told of once, whoever tells, and anew for another date', async () => {
      const { agent } = await hire(NOW + DAY);
      expect(await store.agents.dueForReview(NOW + DAY - 1)).not.toContain(agent.id);
      expect(await store.agents.dueForReview(NOW + DAY)).toContain(agent.id);
      const told = [store, otherNode, store].map((node) => node.agents.remind(agent.id, NOW + DAY, mail()));
      expect((await Promise.all(told)).filter(Boolean)).toHaveLength(1);
      expect(await otherNode.agents.dueForReview(NOW + DAY)).not.toContain(agent.id);
      expect(await store.agents.remind(agent.id, NOW + 2 * DAY, mail())).toBe(false);
      const before = await store.clients.find(agent.id);
      if (before?.agent === undefined) throw new Error('no agent');
      const confirmed = { ...before.agent, reviewAt: NOW + 2 * DAY };
      await store.clients.update(
        { ...before, agent: confirmed, updatedAt: NOW + 5 },
        audit('agent.confirmed'),
      );
      expect(await store.agents.dueForReview(NOW + 2 * DAY)).toContain(agent.id);
    });
    it('of a stopped agent is told to nobody', async () => {
      const { agent } = await hire(NOW + DAY);
      await store.clients.update(
        { ...agent, status: 'disabled', updatedAt: NOW + 1 },
        audit('agent.stopped'),
      );
      expect(await store.agents.dueForReview(NOW + DAY)).not.toContain(agent.id);
    });
  });
}
