import { describe, expect, it } from 'vitest';
import type { Ending } from '../../domain/ending.ts';
import type { Store } from '../../ports/store.ts';
import { ENDING_VERBS } from './ending-verbs.ts';
import type { Engine } from './engine.ts';
import { hold } from './holdings.ts';
import { withNodes } from './nodes.ts';
import { headOf, pageAfter } from '../../../../../test/settled-endings.ts';

/** Ending something tells those who check tokens, in the same transaction; nothing else does. */
export function endingsContract(engine: Engine): void {
  let store: Store;
  let otherNode: Store;
  withNodes(engine, (opened) => {
    ({ store, otherNode } = opened);
  });

  const read = async (from: string): Promise<readonly Ending[]> => {
    const page = await pageAfter(otherNode, from, 1000);
    return page?.endings ?? [];
  };

  describe('is announced', () => {
    it.each(ENDING_VERBS)('%s', async (_what, verb, announced) => {
      const of = await hold(store);
      const from = await headOf(store);
      await verb(store, of);
      const found = await read(from);
      const nameOf = (id: Uint8Array): string | undefined =>
        Object.entries(of.tokens).find(([, row]) => Buffer.compare(row.id, id) === 0)?.[0];
      const ended = {
        tokens: [] as string[],
        grants: [] as string[],
        clients: [] as unknown[],
        resources: [] as unknown[],
      };
      for (const each of found) {
        if (each.kind === 'token') ended.tokens.push(nameOf(each.tokenId) ?? 'unknown');
        else if (each.kind === 'grant') ended.grants.push(each.grantId === of.grant.id ? 'grant' : 'issued');
        else if (each.kind === 'client') ended.clients.push(each.clientId);
        else if (each.kind === 'resource') ended.resources.push(each.resource);
        else throw new Error(`unexpected: ${each.kind}`);
      }
      const clientTokens = Array.from({ length: announced.clientTokens ?? 0 }, () => 'unknown');
      expect(ended.tokens.toSorted()).toEqual([...(announced.tokens ?? []), ...clientTokens].toSorted());
      expect(ended.grants.toSorted()).toEqual([...(announced.grants ?? [])].toSorted());
      expect(ended.clients).toEqual(announced.client === undefined ? [] : [of.client.id]);
      expect(ended.resources).toEqual(announced.resource === undefined ? [] : [of.api.identifier]);
      const indexes = new Set(await otherNode.statuses.ended(0, Number.MAX_SAFE_INTEGER));
      const set = Object.entries(of.tokens)
        .filter(([, row]) => row.statusIndex !== undefined && indexes.has(row.statusIndex))
        .map(([token]) => token);
      expect(set.toSorted()).toEqual([...announced.statuses].toSorted());
      // What is announced has ended, and what has ended is announced: by its own event, or by that of what it names.
      const purged = found.length === 0 && _what === 'clearing up';
      for (const [token, row] of Object.entries(of.tokens)) {
        if (purged || token === 'expired' || token === 'opaque') continue;
        // oxlint-disable-next-line no-await-in-loop -- a handful
        const state = await store.accessTokens.find(row.id);
        const isSaid = set.includes(token) || ended.tokens.includes(token);
        expect([token, state?.endedAt !== undefined]).toEqual([token, isSaid]);
      }
    });
  });
}
