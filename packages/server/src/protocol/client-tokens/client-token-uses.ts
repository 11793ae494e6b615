/** Keeps in mind when client tokens were used, and writes it down now and then: no request waits for it. */
import type { ClientToken } from '../../domain/client-token.ts';
import type { ClientTokens, ClientTokenUse } from '../../ports/client-tokens.ts';

export interface ClientTokenUses {
  /** @param at milliseconds */
  note(token: ClientToken, at: number): void;
  /** One write for all that were used since the last time. */
  writeDown(): Promise<void>;
}

export function createClientTokenUses(store: Pick<ClientTokens, 'recordUses'>): ClientTokenUses {
  let noted = new Map<string, ClientTokenUse>();
  return {
    note({ id }, at) {
      noted.set(Buffer.from(id).toString('base64url'), { id, at });
    },
    async writeDown() {
      if (noted.size === 0) return;
      const uses = noted;
      noted = new Map();
      try {
        await store.recordUses([...uses.values()]);
      } catch (error) {
        for (const [key, use] of uses) if (!noted.has(key)) noted.set(key, use);
        throw error;
      }
    },
  };
}
