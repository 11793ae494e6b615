/** Keeps in mind when secrets were used, and writes it down now and then: no request waits for it. */
import type { ClientSecret } from '../../domain/client.ts';
import type { ClientSecretUse, ClientSecretUses } from '../../ports/client-secret-uses.ts';

export interface SecretUses {
  /** @param at milliseconds @param from the address of the caller */
  note(clientId: string, secret: ClientSecret, at: number, from: string): void;
  /** One write for all that were used since the last time. */
  writeDown(): Promise<void>;
}

interface Noted extends ClientSecretUse {
  at: number;
  from: string;
}

export function createSecretUses(store: Pick<ClientSecretUses, 'record'>): SecretUses {
  let noted = new Map<string, Noted>();
  return {
    note(clientId, { id: secretId }, at, from) {
      const before = noted.get(secretId);
      if (before === undefined) noted.set(secretId, { clientId, secretId, at, from });
      else {
        before.at = at;
        before.from = from;
      }
    },
    async writeDown() {
      if (noted.size === 0) return;
      const uses = noted;
      noted = new Map();
      try {
        await store.record([...uses.values()]);
      } catch (error) {
        for (const [secretId, use] of uses) if (!noted.has(secretId)) noted.set(secretId, use);
        throw error;
      }
    },
  };
}
