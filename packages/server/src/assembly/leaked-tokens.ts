/** Tokens that somebody found: who is told, and by what they end. */
import type { OrganizationRole } from '../domain/membership.ts';
import { createLeakFinder } from '../protocol/leaked-tokens/leak-finders.ts';
import { createLeakHandling, type LeakHandling } from '../protocol/leaked-tokens/handle-leak.ts';
import { addressesOf } from './addresses-of.ts';
import type { Foundation } from './foundation.ts';

const LOOKS_AFTER: readonly OrganizationRole[] = ['owner', 'admin', 'developer'];

export function leakHandling(foundation: Foundation): LeakHandling {
  const { parts, random, findToken, mail } = foundation;
  const { store, issuer, config } = parts;
  return createLeakHandling({
    ...store,
    issuer,
    findLeak: createLeakFinder({ ...store, findToken }),
    ownersOf: ({ organizationId }) => addressesOf(organizationId, LOOKS_AFTER, store),
    ...(mail.sealMail === undefined ? {} : { sealMail: mail.sealMail }),
    random,
    revokeExposed: config.revoke_exposed_tokens,
  });
}
