/** Tokens that somebody found: who is told, and by what they end. */
import type { Client } from '../domain/client.ts';
import type { OrganizationRole } from '../domain/membership.ts';
import { createLeakFinder } from '../protocol/leaked-tokens/leak-finders.ts';
import { createLeakHandling, type LeakHandling } from '../protocol/leaked-tokens/handle-leak.ts';
import type { Foundation } from './foundation.ts';

/** More would be told by nobody reading it. */
const MOST_OWNERS = 20;
const PAGE = 200;

export function leakHandling(foundation: Foundation): LeakHandling {
  const { parts, random, findToken, mail } = foundation;
  const { store, issuer, config } = parts;
  return createLeakHandling({
    ...store,
    issuer,
    findLeak: createLeakFinder({ ...store, findToken }),
    ownersOf: (client) => ownersOf(client, foundation),
    ...(mail.sealMail === undefined ? {} : { sealMail: mail.sealMail }),
    random,
    revokeExposed: config.revoke_exposed_tokens,
  });
}

const LOOKS_AFTER: readonly OrganizationRole[] = ['owner', 'admin', 'developer'];

/** The addresses of those who look after an app: of its organization, or of the deployment where that has nobody. */
async function ownersOf({ organizationId }: Client, { parts }: Foundation): Promise<readonly string[]> {
  const { users, memberships } = parts.store;
  const person = await users.findByPersonalOrganization(organizationId);
  if (person !== undefined) return [person.email];
  const members = await memberships.list(organizationId, { limit: PAGE });
  const owners = members.items.filter(({ role }) => LOOKS_AFTER.includes(role));
  if (owners.length > 0) return owners.slice(0, MOST_OWNERS).map(({ email }) => email);
  const { items } = await users.list({ limit: PAGE });
  const operators = items.filter(({ role, status }) => role === 'admin' && status === 'active');
  return operators.slice(0, MOST_OWNERS).map(({ email }) => email);
}
