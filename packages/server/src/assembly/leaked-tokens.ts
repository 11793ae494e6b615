/** Tokens that somebody found: who is told, and by what they end. */
import type { Client } from '../domain/client.ts';
import { createLeakFinder } from '../protocol/leaked-tokens/leak-finders.ts';
import { createLeakHandling, type LeakHandling } from '../protocol/leaked-tokens/handle-leak.ts';
import type { Foundation } from './foundation.ts';

/** More would be told by nobody reading it. */
const MOST_OWNERS = 20;

export function leakHandling(foundation: Foundation): LeakHandling {
  const { parts, random, findToken, mail } = foundation;
  const { store, issuer, config } = parts;
  return createLeakHandling({
    ...store,
    issuer,
    findLeak: createLeakFinder({ findToken, leakedTokens: store.leakedTokens }),
    ownersOf: (client) => ownersOf(client, foundation),
    ...(mail.sealMail === undefined ? {} : { sealMail: mail.sealMail }),
    random,
    revokeExposed: config.revoke_exposed_tokens,
  });
}

/** The addresses of those who look after an app: the administrators. */
async function ownersOf(_client: Client, { parts }: Foundation): Promise<readonly string[]> {
  const { items } = await parts.store.users.list({ limit: 200 });
  return items
    .filter((person) => person.role === 'admin' && person.status === 'active')
    .slice(0, MOST_OWNERS)
    .map((person) => person.email);
}
